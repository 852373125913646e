package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
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
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import io.vertx.sqlclient.spi.ConnectionFactory;
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

    private final PgCredentials credentials;

    PgDialer(PgCredentials credentials) {
        this.credentials = credentials;
    }

    /** A physical connection whose socket can be cut, which a half-open one needs. */
    record Line(ContextInternal context, ConnectionFactory<PgConnectOptions> factory, Connection connection) {

        /** Cuts the socket at once, without a word to the server. */
        void cut(Completable<Void> done) {
            factory.close(done);
        }
    }

    /**
     * Connects; the socket belongs to the event loop of the given context, which no deployment may own.
     *
     * @param overrides start-up properties in place of the settings' own
     */
    Future<Line> dial(ContextInternal context, PostgresSettings settings, Map<String, String> overrides) {
        Promise<Line> promise = context.promise();
        context.runOnContext(nothing -> credentials
                .login(settings)
                .map(login -> PgOptions.connect(settings, login, overrides))
                .compose(options -> dial(context, settings, options))
                .onComplete(promise));
        return promise.future();
    }

    private Future<Line> dial(ContextInternal context, PostgresSettings settings, PgConnectOptions options) {
        if (options.isUsingDomainSocket()) {
            return attempt(context, settings, options);
        }
        return switch (settings.tls().mode()) {
            case DISABLE -> attempt(context, settings, options);
            case ALLOW ->
                attempt(context, settings, options)
                        .recover(error -> isNotAllowed(error)
                                ? encrypted(context, settings, options)
                                : Future.failedFuture(error));
            case PREFER -> prefer(context, settings, options);
            case REQUIRE, VERIFY_CA, VERIFY_FULL -> encrypted(context, settings, options);
        };
    }

    /** The driver would go on in clear text after any failure; here only if the server has no TLS, or refuses it aloud. */
    private Future<Line> prefer(ContextInternal context, PostgresSettings settings, PgConnectOptions options) {
        return speaksTls(context, settings).compose(tls -> {
            if (!tls) {
                return attempt(context, settings, options);
            }
            return encrypted(context, settings, options).recover(error -> {
                if (!isNotAllowed(error)) {
                    return Future.failedFuture(error);
                }
                LOG.warn("{} offers TLS and refuses this login over it; trying clear text", settings.location());
                return attempt(context, settings, options);
            });
        });
    }

    private static Future<Line> encrypted(
            ContextInternal context, PostgresSettings settings, PgConnectOptions options) {
        PgTls tls = PgTls.of(options, settings.tls());
        return attempt(context, settings, tls.options()).recover(error -> Future.failedFuture(tls.explain(error)));
    }

    private static boolean isNotAllowed(Throwable error) {
        return error instanceof PgException refused && NOT_ALLOWED.equals(refused.getSqlState());
    }

    /** Asks on a socket of its own: the driver leaves its socket open when the answer is no. */
    private static Future<Boolean> speaksTls(ContextInternal context, PostgresSettings settings) {
        NetClient client = context.owner().createNetClient(PgOptions.transport(settings));
        Promise<Boolean> answer = Promise.promise();
        long timer = context.setTimer(settings.pool().createTimeout().toMillis(), id -> answer.tryFail(timeout()));
        client.connect(settings.port(), settings.host())
                .onFailure(answer::tryFail)
                .onSuccess(socket -> ask(socket, answer));
        return answer.future().eventually(() -> {
            context.owner().cancelTimer(timer);
            return client.close();
        });
    }

    private static void ask(NetSocket socket, Promise<Boolean> answer) {
        int sslRequest = 80877103;
        socket.handler(buffer -> answer.tryComplete(buffer.getByte(0) == 'S'));
        socket.closeHandler(nothing -> answer.tryFail("Connection was closed"));
        socket.write(Buffer.buffer().appendInt(8).appendInt(sslRequest)).onFailure(answer::tryFail);
    }

    /**
     * One attempt with a factory of its own: closing it is the only way to cut a socket that hangs during login, which would
     * otherwise log in whenever the server wakes, beyond any budget.
     */
    private static Future<Line> attempt(ContextInternal context, PostgresSettings settings, PgConnectOptions options) {
        return attempt(context, settings, options, connection -> Future.succeededFuture())
                .recover(error -> PgPooler.isRefusedForProperties(error)
                        ? attempt(
                                context,
                                settings,
                                PgPooler.bare(options),
                                connection -> PgPooler.setTheOthers(connection, options))
                        : Future.failedFuture(error));
    }

    private static Future<Line> attempt(
            ContextInternal context,
            PostgresSettings settings,
            PgConnectOptions options,
            Function<SqlConnection, Future<?>> afterLogin) {
        ConnectionFactory<PgConnectOptions> factory =
                PgDriver.INSTANCE.createConnectionFactory(context.owner(), PgOptions.transport(settings));
        Promise<SqlConnection> promise = context.promise();
        long timer = context.setTimer(settings.pool().createTimeout().toMillis(), id -> promise.tryFail(timeout()));
        factory.connect(context, options)
                .compose(connection -> afterLogin.apply(connection).map(connection))
                .onSuccess(promise::tryComplete)
                .onFailure(promise::tryFail);
        return promise.future()
                .onComplete(result -> context.owner().cancelTimer(timer))
                .map(connection -> new Line(context, factory, ((SqlConnectionInternal) connection).unwrap()))
                .onFailure(error -> factory.close((nothing, ignored) -> {}));
    }

    private static TimeoutException timeout() {
        return new TimeoutException("no answer");
    }
}
