package dev.plinth.runtime.database.postgres;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Vert.x for one of the driver's attempts to connect, which keeps the socket at hand: the driver gives it away only after the
 * login, and its own way to close waits for the server to close its end. Any thread.
 */
final class SocketAtHand extends VertxWrapper {

    private final Supplier<ChannelHandler> login;
    private volatile @Nullable Future<NetSocket> socket;

    /** @param login stands between the socket and the driver */
    SocketAtHand(VertxInternal vertx, Supplier<ChannelHandler> login) {
        super(vertx);
        this.login = login;
    }

    @Override
    public NetClient createNetClient(NetClientOptions options) {
        return new Client(super.createNetClient(options));
    }

    /** Cuts the socket, as soon as there is one. */
    void cut() {
        Future<NetSocket> connecting = socket;
        if (connecting != null) {
            connecting.onSuccess(open -> cut(((NetSocketInternal) open).channelHandlerContext()));
        }
    }

    /** @param handler any of the driver's */
    static void cut(ChannelHandlerContext handler) {
        ChannelHandlerContext nearest = handler.pipeline().firstContext();
        if (nearest != null) {
            // Past the driver's handlers, which are farther from the socket.
            var unused = nearest.close();
        }
    }

    private final class Client implements NetClient {

        private final NetClient client;

        Client(NetClient client) {
            this.client = client;
        }

        private Future<NetSocket> keep(Future<NetSocket> connecting) {
            socket = connecting;
            return connecting.map(this::withLogin);
        }

        private NetSocket withLogin(NetSocket open) {
            ChannelHandlerContext driver = ((NetSocketInternal) open).channelHandlerContext();
            driver.pipeline().addBefore(driver.name(), null, login.get());
            return open;
        }

        @Override
        public Future<NetSocket> connect(ConnectOptions options) {
            return keep(client.connect(options));
        }

        @Override
        public Future<NetSocket> connect(int port, String host) {
            return keep(client.connect(port, host));
        }

        @Override
        public Future<NetSocket> connect(int port, String host, String serverName) {
            return keep(client.connect(port, host, serverName));
        }

        @Override
        public Future<NetSocket> connect(SocketAddress address) {
            return keep(client.connect(address));
        }

        @Override
        public Future<NetSocket> connect(SocketAddress address, String serverName) {
            return keep(client.connect(address, serverName));
        }

        @Override
        public Future<Void> shutdown(long timeout, TimeUnit unit) {
            return client.shutdown(timeout, unit);
        }

        @Override
        public Future<Boolean> updateSSLOptions(ClientSSLOptions options, boolean force) {
            return client.updateSSLOptions(options, force);
        }

        @Override
        public boolean isMetricsEnabled() {
            return client.isMetricsEnabled();
        }
    }
}
