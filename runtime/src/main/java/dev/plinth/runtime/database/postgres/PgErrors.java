package dev.plinth.runtime.database.postgres;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.PassingFailures;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.pool.NoAnswerException;
import dev.plinth.runtime.database.pool.Obstacle;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.DateTimeException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns the driver's errors into ones that name the plugin, the place, the SQLSTATE and the remedy. */
final class PgErrors {

    static final String CONNECTION_KEY = "backend.database.connection";

    private static final String CALL_TIMEOUT_KEY = "backend.database.callTimeout";

    /** What the driver says of an argument that is not of the parameter's type; it has no type of its own. */
    private static final String WRONG_TYPE = "can not be coerced to the expected class";

    /** What the driver says when it could not send; it has no type of its own. */
    private static final String NOT_SENT = "Connection is not active now";

    private static final String NOT_SENT_QUEUED = "Pending requests failed to be sent";

    /** The server names it in every language when its rules keep a login out, which has the code of a role that is missing. */
    private static final String LOGIN_RULES = "pg_hba.conf";

    private static final String LET_IN = "add a line there that lets this user in from here, or see that "
            + CONNECTION_KEY + ".user and " + CONNECTION_KEY + ".ssl are as the server wants them";

    /** A statement that took too long, or was cancelled, ends alone. */
    private static final String CANCELED = "57014";

    /** The cause of these may pass by itself. */
    private static final Set<String> PASSING = Set.of("53", "57", "08", "58");

    private static final Map<String, String> REMEDIES = Map.of(
            "28P01",
            "check " + CONNECTION_KEY + ".user and .password",
            "28000",
            "see that this role exists and may log in, or name another one in " + CONNECTION_KEY + ".user",
            "3D000",
            "create it, or set backend.database.ensureExists to true",
            "42501",
            "grant the user CONNECT on it, or name another one in " + CONNECTION_KEY + ".user",
            "53300",
            "raise max_connections, or the limit of this role or database, on the server, or lower"
                    + " backend.database.budget",
            "57P03",
            "it is tried again by itself",
            "53100",
            "make room on the server's disk",
            "XX000",
            "the server's log tells more; its disk may be full",
            "22023",
            "check backend.database.role and the connection's other settings",
            "42704",
            "check the connection's other settings");

    private PgErrors() {}

    /** A failure to connect. */
    static DatabaseUnavailableException connecting(PostgresSettings settings, Throwable error) {
        if (error instanceof DatabaseUnavailableException known) {
            return known;
        }
        String place = prefix(settings) + "cannot connect to " + settings.location() + ": ";
        if (error instanceof PgException refused) {
            return unavailable(place + serverSays(settings, refused), passes(refused.getSqlState()), error);
        }
        if (error instanceof SSLException) {
            return new DatabaseUnavailableException(place + tlsSays(error), error);
        }
        return unavailable(place + networkSays(settings, error), isNetwork(error), error);
    }

    /** A failure of a statement, or of the connection under it. */
    static Throwable running(PostgresSettings settings, Throwable error) {
        if (error instanceof PgException refused) {
            return isShutdown(refused)
                    ? lost(settings, serverSays(settings, refused), error)
                    : refused(settings, refused);
        }
        if (String.valueOf(error.getMessage()).contains(WRONG_TYPE)) {
            return new StatementException(
                    prefix(settings) + error.getMessage() + " (22P02)", 0, "22P02", null, null, null, error);
        }
        if (error instanceof UnreadableValueException) {
            return unreadable(settings, error);
        }
        if (isNotSent(error)) {
            return retryable(settings, "the connection was lost before the statement was sent; it did not run", error);
        }
        if (error instanceof NoAnswerException) {
            return retryable(
                    settings,
                    error.getMessage() + ", see " + CALL_TIMEOUT_KEY + "; the statement may have taken effect",
                    error);
        }
        if (isLost(error)) {
            return lost(settings, "the connection was lost", error);
        }
        return error;
    }

    /** The server has days and times that Java has not, such as 24:00. */
    private static StatementException unreadable(PostgresSettings settings, Throwable error) {
        String state = error.getCause() instanceof DateTimeException ? "22008" : "0A000";
        return new StatementException(
                prefix(settings) + "a value of the result cannot be read: " + error.getMessage() + "; cast it to text ("
                        + state + ")",
                0,
                state,
                null,
                null,
                null,
                error);
    }

    /** Whether the statement certainly never reached the server. */
    static boolean isNotSent(Throwable error) {
        if (error instanceof Crossing.NotSentException) {
            return true;
        }
        String message = String.valueOf(error.getMessage());
        return message.startsWith(NOT_SENT) || message.startsWith(NOT_SENT_QUEUED);
    }

    /** Whether the server said that it ended the session, which undoes a statement that it had not answered. */
    static boolean isShutdown(PgException error) {
        return Set.of("57P01", "57P02", "57P03").contains(String.valueOf(error.getSqlState()));
    }

    /** Whether what was prepared for the statement is no longer right, so that it did nothing. */
    static boolean isStale(PgException error) {
        String message = String.valueOf(error.getMessage());
        return message.contains("cached plan must not change result type")
                || ("08P01".equals(error.getSqlState()) && message.contains("bind message has"))
                || isWithoutStatement(error);
    }

    /** Whether the session's prepared statements were taken away. */
    static boolean isWithoutStatement(PgException error) {
        return "26000".equals(error.getSqlState());
    }

    /** Whether an error before it is why nothing is run until the transaction is rolled back. */
    static boolean isOfAbortedTransaction(Throwable error) {
        return error instanceof PgException refused && "25P02".equals(refused.getSqlState());
    }

    /** A server that is there, and takes no writes. */
    static DatabaseUnavailableException takesNoWrites(PostgresSettings settings, boolean standby) {
        String why = standby
                ? "it is a standby (25006); name the primary in " + CONNECTION_KEY + ".host"
                : "default_transaction_read_only is on (25006); set it to off there, or name the server that takes"
                        + " writes in " + CONNECTION_KEY + ".host";
        String message = prefix(settings) + settings.location() + ": the server takes no writes: " + why;
        return new RetryableException(
                message, new StatementException(message, 0, SqlStates.READ_ONLY, null, null, null));
    }

    /** What stands in the way of a connection. */
    static Obstacle obstacle(Throwable error) {
        String state = error instanceof PgException refused ? String.valueOf(refused.getSqlState()) : "";
        return switch (state) {
            case "53300" -> Obstacle.FULL;
            case "57P03" -> Obstacle.PASSING;
            default -> Obstacle.LASTING;
        };
    }

    /** Whether the server took no writes: it may have been a primary when the connection was made. */
    static boolean isReadOnly(Throwable error) {
        return error instanceof PgException refused && SqlStates.READ_ONLY.equals(refused.getSqlState());
    }

    static boolean isLost(Throwable error) {
        return error instanceof ClosedConnectionException
                || error instanceof NoAnswerException
                || error instanceof ClosedChannelException
                || error instanceof IOException
                || String.valueOf(error.getMessage()).equals("Connection was closed");
    }

    static String prefix(PostgresSettings settings) {
        return "plugin '" + settings.pluginId() + "': ";
    }

    /** A server that is full or takes no writes is no matter of the statement. */
    private static Throwable refused(PostgresSettings settings, PgException error) {
        StatementException refusal = refusal(settings, error);
        return PassingFailures.isPassing(error.getSqlState()) && !CANCELED.equals(error.getSqlState())
                ? PassingFailures.name(settings, refusal)
                : refusal;
    }

    private static StatementException refusal(PostgresSettings settings, PgException error) {
        String remedy = remedy(error);
        return new StatementException(
                prefix(settings) + text(error) + remedy,
                error.getErrorCode(),
                error.getSqlState(),
                error.getConstraint(),
                error.getTable(),
                error.getColumn(),
                error);
    }

    private static String remedy(PgException error) {
        if (isStatementTimeout(error)) {
            return "; see " + CALL_TIMEOUT_KEY;
        }
        if (isStale(error)) {
            String why = isWithoutStatement(error)
                    ? "; the prepared statements of the session were taken away"
                    : "; a table of it was changed since it was prepared";
            return why + "; run it again, and all of the transaction that it was in";
        }
        return "";
    }

    private static boolean isStatementTimeout(PgException error) {
        return CANCELED.equals(error.getSqlState())
                && String.valueOf(error.getMessage()).contains("statement timeout");
    }

    private static RetryableException lost(PostgresSettings settings, String what, Throwable error) {
        return retryable(settings, what + " while the statement ran; it may have taken effect", error);
    }

    private static RetryableException retryable(PostgresSettings settings, String what, Throwable error) {
        return new RetryableException(prefix(settings) + settings.location() + ": " + what, error);
    }

    private static DatabaseUnavailableException unavailable(String message, boolean passes, Throwable error) {
        return passes ? new RetryableException(message, error) : new DatabaseUnavailableException(message, error);
    }

    private static boolean passes(String sqlState) {
        return sqlState != null && PASSING.contains(sqlState.substring(0, 2));
    }

    private static String serverSays(PostgresSettings settings, PgException error) {
        String remedy = remedy(settings, error);
        return remedy == null ? text(error) : text(error) + "; " + remedy;
    }

    private static @Nullable String remedy(PostgresSettings settings, PgException error) {
        if (text(error).contains(LOGIN_RULES)) {
            return LET_IN;
        }
        boolean gone = SqlStates.INVALID_CATALOG_NAME.equals(error.getSqlState()) && settings.ensureDatabase();
        return gone
                ? "bring it back, or start the plugin again to have an empty one"
                : REMEDIES.get(String.valueOf(error.getSqlState()));
    }

    /** The server's own words, after the driver's severity. */
    static String text(PgException error) {
        String message = String.valueOf(error.getMessage());
        String severity = error.getSeverity() + ": ";
        return message.startsWith(severity) ? message.substring(severity.length()) : message;
    }

    private static String tlsSays(Throwable error) {
        if (error instanceof PgTls.UnreadableException) {
            return String.valueOf(error.getMessage());
        }
        Throwable root = root(error);
        String cause = String.valueOf(root.getMessage());
        if (root instanceof CertificateExpiredException) {
            return "the server's certificate has expired: " + cause + "; renew it there";
        }
        if (cause.startsWith("it is not for ")) {
            return "the server's certificate is for another host: " + cause + "; set " + CONNECTION_KEY
                    + ".ssl.servername, or sslmode to verify-ca";
        }
        if (error.getCause() instanceof CertificateException) {
            return "the server's certificate is not trusted: " + cause + "; set " + CONNECTION_KEY + ".ssl.ca";
        }
        return "the TLS handshake failed: " + cause + "; check " + CONNECTION_KEY + ".ssl";
    }

    private static String networkSays(PostgresSettings settings, Throwable error) {
        String check = "; check " + CONNECTION_KEY + ".host and .port, and that PostgreSQL runs there";
        if (settings.host().startsWith("/") && error instanceof IOException) {
            return "cannot use the socket " + settings.host() + "/.s.PGSQL." + settings.port() + ": " + deepest(error)
                    + check;
        }
        if (error instanceof UnknownHostException) {
            return "the host is not known; check " + CONNECTION_KEY + ".host";
        }
        if (error instanceof ConnectTimeoutException || error instanceof TimeoutException) {
            return "no answer within " + settings.pool().createTimeout().toMillis() + " ms" + check;
        }
        if (isUnreachable(error)) {
            return "the host cannot be reached from here; check " + CONNECTION_KEY + ".host and .port, and the network";
        }
        if (error instanceof ConnectException) {
            return "connection refused" + check;
        }
        if (isLost(error) || isNotSent(error)) {
            return "the server closed the connection during login" + check;
        }
        if (speaksNoTls(error)) {
            return "the server does not speak TLS; switch it on there, or set " + CONNECTION_KEY
                    + ".sslmode to prefer or disable";
        }
        return deepest(error);
    }

    /** The system's own words are all that tells it from a closed port. */
    private static boolean isUnreachable(Throwable error) {
        return error instanceof NoRouteToHostException
                || (error instanceof ConnectException
                        && String.valueOf(error.getMessage()).contains("unreachable"));
    }

    private static boolean isNetwork(Throwable error) {
        return error instanceof UnknownHostException
                || error instanceof TimeoutException
                || isLost(error)
                || isNotSent(error);
    }

    private static String deepest(Throwable error) {
        return String.valueOf(root(error).getMessage());
    }

    private static Throwable root(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What the driver says when it was to use TLS. */
    static boolean speaksNoTls(Throwable error) {
        return String.valueOf(error.getMessage()).contains("does not handle SSL");
    }
}
