package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import io.vertx.sqlclient.DatabaseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows which refusals of a server may pass by themselves. */
public final class PassingFailures {

    private static final String READ_ONLY = "25006";

    /** Out of resources, stopped by an operator, trouble of the system, and read-only after a failover. */
    private static final List<String> PASSING = List.of("53", "57", "58", READ_ONLY);

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
        if (READ_ONLY.equals(sqlState)) {
            return "; name the server that takes writes in backend.database.connection.host";
        }
        return "53100".equals(sqlState) ? "; make room on the server's disk" : "";
    }

    private static boolean isPassing(@Nullable String sqlState) {
        return sqlState != null && PASSING.stream().anyMatch(sqlState::startsWith);
    }

    private static @Nullable String sqlState(Throwable failure) {
        return failure instanceof DatabaseException error ? error.getSqlState() : null;
    }
}
