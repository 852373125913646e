package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import io.vertx.sqlclient.DatabaseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows which refusals of a server may pass by themselves. */
public final class PassingFailures {

    private static final String READ_ONLY = "25006";
    private static final String DENIED = "42501";

    /** Out of resources, stopped by an operator, trouble of the system, and read-only after a failover. */
    private static final List<String> PASSING = List.of("53", "57", "58", READ_ONLY);

    private static final Map<String, String> REMEDIES = Map.of(
            READ_ONLY,
            "; name the server that takes writes in backend.database.connection.host, or set"
                    + " default_transaction_read_only to off there",
            "53100",
            "; make room on the server's disk",
            DENIED,
            "; grant the user what it lacks there, or name the one that owns it in"
                    + " backend.database.connection.user");

    private PassingFailures() {}

    /** Names place and remedy of a failure that met preparing a plugin's database, unless it names them itself. */
    public static DatabaseUnavailableException name(DatabaseSettings settings, Throwable failure) {
        if (failure instanceof DatabaseUnavailableException named) {
            return named;
        }
        String prefix = "plugin '" + settings.pluginId() + "': ";
        String text = String.valueOf(failure.getMessage());
        String message = prefix + settings.location() + ": "
                + (text.startsWith(prefix) ? text.substring(prefix.length()) : text) + remedy(sqlState(failure));
        return isPassing(sqlState(failure))
                ? new RetryableException(message, failure)
                : new DatabaseUnavailableException(message, failure);
    }

    private static String remedy(@Nullable String sqlState) {
        return sqlState == null ? "" : REMEDIES.getOrDefault(sqlState, "");
    }

    /** Whether the server, rather than the statement, is in the way. */
    public static boolean isPassing(@Nullable String sqlState) {
        return sqlState != null && PASSING.stream().anyMatch(sqlState::startsWith);
    }

    /** Whether what failed, or what made it fail, is a right that the user lacks. */
    static boolean isDenied(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (DENIED.equals(sqlState(cause))) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String sqlState(Throwable failure) {
        return failure instanceof DatabaseException error ? error.getSqlState() : null;
    }
}
