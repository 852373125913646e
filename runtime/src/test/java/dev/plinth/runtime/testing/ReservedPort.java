package dev.plinth.runtime.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * A port that the system gives to nobody else, for a server that starts later or starts again. A port that was merely
 * free a moment ago may by then be that of any connection of the tests that run beside.
 *
 * <p>Held by a socket that is bound and does not listen: connections are refused, and a server that reuses addresses, as
 * servers do, may listen there.
 */
public final class ReservedPort implements AutoCloseable {

    private final SocketChannel holder;
    private final int number;

    public ReservedPort() throws IOException {
        holder = SocketChannel.open();
        holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        holder.bind(new InetSocketAddress(0));
        number = ((InetSocketAddress) holder.getLocalAddress()).getPort();
    }

    public int number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        holder.close();
    }
}
