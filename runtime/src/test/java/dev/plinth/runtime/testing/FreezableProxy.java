package dev.plinth.runtime.testing;

import static dev.plinth.runtime.testing.Futures.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between pool and server, and can stop forwarding without closing anything. */
public final class FreezableProxy implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final NetClient client = vertx.createNetClient();
    private final NetServer server = vertx.createNetServer();
    private final Set<Pipe> pipes = ConcurrentHashMap.newKeySet();
    private final int target;
    private volatile boolean blackHole;

    public FreezableProxy(int target) {
        this(target, "127.0.0.1", 0);
    }

    public FreezableProxy(int target, String host, int port) {
        this.target = target;
        await(server.connectHandler(this::accept).listen(port, host));
    }

    public int port() {
        return server.actualPort();
    }

    public int connections() {
        return pipes.size();
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

    private void accept(NetSocket down) {
        if (blackHole) {
            down.pause();
            return;
        }
        down.pause();
        client.connect(target, "127.0.0.1")
                .onSuccess(up -> pipes.add(new Pipe(down, up)))
                .onFailure(error -> down.close());
    }

    private final class Pipe {

        private final NetSocket down;
        private final NetSocket up;
        private volatile boolean frozen;

        Pipe(NetSocket down, NetSocket up) {
            this.down = down;
            this.up = up;
            forward(down, up);
            forward(up, down);
            down.resume();
        }

        private void cut() {
            down.close();
            up.close();
        }

        private void forward(NetSocket from, NetSocket to) {
            from.handler(buffer -> {
                if (!frozen) {
                    to.write(buffer);
                }
            });
            from.closeHandler(nothing -> {
                pipes.remove(this);
                if (!frozen) {
                    to.close();
                }
            });
        }
    }

    @Override
    public void close() {
        await(Future.join(server.close(), client.close()).eventually(vertx::close));
    }
}
