package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.nio.AbstractNioChannel;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import io.vertx.sqlclient.spi.ConnectionFactory;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes physical connections, each within its create timeout. Any thread; the results complete on the given context.
 *
 * <p>Failures are the driver's; {@link PgErrors#connecting} translates them.
 */
final class PgDialer {

    private static final Logger LOG = LoggerFactory.getLogger(PgDialer.class);

    /** The server does not let this user in, in clear text or with TLS, whichever was tried. */
    private static final String NOT_ALLOWED = "28000";

    private static final Future<Void> NEVER = Promise.<Void>promise().future();

    private final PgCredentials credentials;
    private final TlsAnswers answers = new TlsAnswers();
    private final SaltedPasswords passwords = new SaltedPasswords();

    PgDialer(PgCredentials credentials) {
        this.credentials = credentials;
    }

    /**
     * A physical connection whose socket can be cut, which a half-open one needs.
     *
     * @param keepsProperties whether the properties are the session's defaults; a pooler has defaults of its own
     */
    record Line(
            ContextInternal context,
            ConnectionFactory<PgConnectOptions> factory,
            Connection connection,
            boolean keepsProperties) {

        /**
         * Cuts the socket at once, without a word to the server. The driver's own way to close says farewell, and waits for the server
         * to close its end, which one that is frozen or out of reach never does.
         */
        void cut(Completable<Void> done) {
            SocketAtHand.cut(handler());
            factory.close(done);
        }

        /**
         * Cuts the socket from outside of its event loop, where that one is blocked: the server sees the end at once. The rest is done
         * when the event loop goes on.
         */
        void sever() {
            try {
                if (handler().channel().unsafe() instanceof AbstractNioChannel.NioUnsafe unsafe
                        && unsafe.ch() instanceof SocketChannel socket) {
                    socket.shutdownOutput();
                }
            } catch (IOException e) {
                LOG.debug("cannot end a connection on a blocked event loop; the server has, most likely", e);
            }
            context.runOnContext(goesOn -> cut((nothing, error) -> {}));
        }

        /** The driver's place among those that handle what the socket sends and receives. */
        ChannelHandlerContext handler() {
            return ((SocketConnectionBase) connection).socket().channelHandlerContext();
        }
    }

    /**
     * Connects; the socket belongs to the event loop of the given context, which no deployment may own.
     *
     * @param overrides start-up properties in place of the settings' own
     */
    Future<Line> dial(ContextInternal context, PostgresSettings settings, Map<String, String> overrides) {
        return dial(context, settings, overrides, NEVER);
    }

    /**
     * Connects, as long as it is wanted.
     *
     * @param abandoned completes when it is not wanted any more
     */
    Future<Line> dial(
            ContextInternal context, PostgresSettings settings, Map<String, String> overrides, Future<Void> abandoned) {
        Promise<Line> promise = context.promise();
        context.runOnContext(nothing -> credentials
                .login(settings)
                .map(login -> PgOptions.connect(settings, login, overrides))
                .compose(options -> limited(context, settings, abandoned, options))
                .onComplete(promise));
        return promise.future();
    }

    private Future<Line> limited(
            ContextInternal context, PostgresSettings settings, Future<Void> abandoned, PgConnectOptions options) {
        Promise<Void> over = Promise.promise();
        long timer = context.setTimer(
                settings.pool().createTimeout().toMillis(), id -> over.tryFail(new TimeoutException("no answer")));
        abandoned.onSuccess(nothing -> context.runOnContext(here -> over.tryFail("not wanted any more")));
        return new Dial(context, settings, answers, passwords, over.future())
                .dial(options)
                .onComplete((line, error) -> context.owner().cancelTimer(timer));
    }

    /**
     * One connection on its way.
     *
     * @param over fails when there is no more time, for whatever step is under way then
     */
    private record Dial(
            ContextInternal context,
            PostgresSettings settings,
            TlsAnswers answers,
            SaltedPasswords passwords,
            Future<Void> over) {

        Future<Line> dial(PgConnectOptions options) {
            if (options.isUsingDomainSocket()) {
                return attempt(options);
            }
            return switch (settings.tls().mode()) {
                case DISABLE -> attempt(options);
                case ALLOW ->
                    attempt(options)
                            .recover(error -> isNotAllowed(error) ? encrypted(options) : Future.failedFuture(error));
                case PREFER -> prefer(options);
                case REQUIRE, VERIFY_CA, VERIFY_FULL -> encrypted(options);
            };
        }

        /** The driver would go on in clear text after any failure; here only if the server has no TLS, or refuses it aloud. */
        private Future<Line> prefer(PgConnectOptions options) {
            return answers.of(settings)
                    .map(known -> prefer(options, known)
                            .recover(error ->
                                    isOutdated(known, error) ? askAndPrefer(options) : Future.failedFuture(error)))
                    .orElseGet(() -> askAndPrefer(options));
        }

        private Future<Line> askAndPrefer(PgConnectOptions options) {
            return speaksTls().onSuccess(tls -> answers.note(settings, tls)).compose(tls -> prefer(options, tls));
        }

        private static boolean isOutdated(boolean tls, Throwable error) {
            return tls ? PgErrors.speaksNoTls(error) : isNotAllowed(error);
        }

        private Future<Line> prefer(PgConnectOptions options, boolean tls) {
            if (!tls) {
                return attempt(options);
            }
            return encrypted(options).recover(error -> {
                if (!isNotAllowed(error)) {
                    return Future.failedFuture(error);
                }
                LOG.warn("{} offers TLS and refuses this login over it; trying clear text", settings.location());
                return attempt(options);
            });
        }

        private Future<Line> encrypted(PgConnectOptions options) {
            try {
                PgTls.check(context.owner(), settings.tls());
            } catch (PgTls.UnreadableException e) {
                return Future.failedFuture(e);
            }
            PgTls tls = PgTls.of(options, settings.tls());
            return attempt(tls.options()).recover(error -> Future.failedFuture(tls.explain(error)));
        }

        private static boolean isNotAllowed(Throwable error) {
            return error instanceof PgException refused && NOT_ALLOWED.equals(refused.getSqlState());
        }

        /** Asks on a socket of its own: the driver leaves its socket open when the answer is no. */
        private Future<Boolean> speaksTls() {
            NetClient client = context.owner().createNetClient(PgOptions.transport(settings));
            Promise<Boolean> answer = Promise.promise();
            over.onFailure(answer::tryFail);
            client.connect(settings.port(), settings.host())
                    .onFailure(answer::tryFail)
                    .onSuccess(socket -> ask(socket, answer));
            return answer.future().eventually(client::close);
        }

        private static void ask(NetSocket socket, Promise<Boolean> answer) {
            int sslRequest = 80877103;
            socket.handler(buffer -> answer.tryComplete(buffer.getByte(0) == 'S'));
            socket.closeHandler(nothing -> answer.tryFail("Connection was closed"));
            socket.write(Buffer.buffer().appendInt(8).appendInt(sslRequest)).onFailure(answer::tryFail);
        }

        /**
         * One attempt with a factory of its own. A socket that hangs during login is cut: it would log in whenever the server wakes,
         * beyond any budget, or stay open for good.
         */
        private Future<Line> attempt(PgConnectOptions options) {
            return attempt(options, true, connection -> Future.succeededFuture())
                    .recover(error -> PgPooler.isRefusedForProperties(error)
                            ? attempt(
                                    PgPooler.bare(options),
                                    false,
                                    connection -> PgPooler.setTheOthers(connection, options))
                            : Future.failedFuture(error));
        }

        private Future<Line> attempt(
                PgConnectOptions options, boolean keepsProperties, Function<SqlConnection, Future<?>> afterLogin) {
            SocketAtHand socket = new SocketAtHand(
                    context.owner(), () -> new ScramLogin(options.getUser(), options.getPassword(), passwords));
            ConnectionFactory<PgConnectOptions> factory =
                    PgDriver.INSTANCE.createConnectionFactory(socket, PgOptions.transport(settings));
            Promise<SqlConnection> promise = context.promise();
            over.onFailure(promise::tryFail);
            factory.connect(context, options)
                    .compose(connection -> afterLogin.apply(connection).map(connection))
                    .onSuccess(promise::tryComplete)
                    .onFailure(promise::tryFail);
            return promise.future()
                    .map(connection ->
                            new Line(context, factory, ((SqlConnectionInternal) connection).unwrap(), keepsProperties))
                    .onFailure(error -> {
                        socket.cut();
                        factory.close((nothing, ignored) -> {});
                    });
        }
    }
}
