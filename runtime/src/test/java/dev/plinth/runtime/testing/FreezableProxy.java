package dev.plinth.runtime.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between pool and server, and can stop forwarding without closing anything: not even when the other side closes its end, as
 * a machine out of reach would not.
 */
public final class FreezableProxy implements AutoCloseable {

    private static final int BACKLOG = 1000;

    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile int target;
    private final Set<Pipe> pipes = ConcurrentHashMap.newKeySet();
    private final Set<Socket> swallowed = ConcurrentHashMap.newKeySet();
    private volatile boolean blackHole;
    private volatile boolean slow;

    public FreezableProxy(int target) {
        this(target, "127.0.0.1", 0);
    }

    public FreezableProxy(int target, String host, int port) {
        this.target = target;
        try {
            server = new ServerSocket(port, BACKLOG, InetAddress.getByName(host));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        inBackground(this::acceptAll);
    }

    public int port() {
        return server.getLocalPort();
    }

    public int connections() {
        return pipes.size();
    }

    /** How many there were in all. */
    public int accepted() {
        return accepted.get();
    }

    /** Later connections go to another server. */
    public void redirect(int port) {
        target = port;
    }

    /** The connections of now forward nothing any more; later ones do. */
    public void freezeAll() {
        pipes.forEach(pipe -> pipe.frozen = true);
    }

    /** Ends all connections of now. */
    public void cutAll() {
        pipes.forEach(Pipe::cut);
    }

    /** New connections are accepted, and then nothing comes. */
    public void blackHole(boolean on) {
        blackHole = on;
    }

    /** From now on some megabytes a second are forwarded to the server, and no more. */
    public void slowDown() {
        slow = true;
    }

    private void acceptAll() throws IOException {
        while (true) {
            Socket down = server.accept();
            accepted.incrementAndGet();
            if (blackHole) {
                swallowed.add(down);
            } else {
                inBackground(() -> connect(down));
            }
        }
    }

    private void connect(Socket down) throws IOException {
        try {
            pipes.add(new Pipe(down, new Socket(InetAddress.getLoopbackAddress(), target)));
        } catch (IOException e) {
            down.close();
        }
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // one of the sockets was closed, which ends this work
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Pipe {

        private final Socket down;
        private final Socket up;
        private volatile boolean frozen;

        Pipe(Socket down, Socket up) throws IOException {
            this.down = down;
            this.up = up;
            down.setTcpNoDelay(true);
            up.setTcpNoDelay(true);
            inBackground(() -> forward(down, up, true));
            inBackground(() -> forward(up, down, false));
        }

        private void forward(Socket from, Socket to, boolean upwards) throws IOException {
            try {
                copy(from.getInputStream(), to.getOutputStream(), upwards);
            } finally {
                if (!frozen) {
                    cut();
                }
            }
        }

        private void copy(InputStream from, OutputStream to, boolean upwards) throws IOException {
            byte[] bytes = new byte[4096];
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                if (slow && upwards) {
                    LockSupport.parkNanos(1_000_000);
                }
                if (!frozen) {
                    to.write(bytes, 0, count);
                }
            }
        }

        private void cut() {
            pipes.remove(this);
            close(down);
            close(up);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cutAll();
        swallowed.forEach(FreezableProxy::close);
    }
}
