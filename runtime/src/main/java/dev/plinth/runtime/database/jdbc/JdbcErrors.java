package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.pool.ExhaustedException;
import dev.plinth.runtime.database.pool.NoAnswerException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Turns the errors of drivers and of the pool into those that plugins know. */
final class JdbcErrors {

    private static final String CONNECTION_LOST = "08";
    private static final String CANCELLED = "57014";

    /** States of ODBC, and of H2, for which PostgreSQL has its own. All others are the driver's, unchanged. */
    private static final Map<String, String> POSTGRESQL = Map.of(
            "42S01", "42P07",
            "42S02", "42P01",
            "42S03", "42P01",
            "42S04", "42P01",
            "42S21", "42701",
            "42S22", "42703",
            "23506", "23503",
            "23513", "23514",
            "22018", "22P02");

    private JdbcErrors() {}

    static StatementException statement(String message, int code, @Nullable String state, @Nullable Throwable cause) {
        String known = state == null ? "HY000" : POSTGRESQL.getOrDefault(state, state);
        return new StatementException(message, code, known, null, null, null, cause);
    }

    static boolean isConnectionLost(Throwable error) {
        return error instanceof SQLNonTransientConnectionException
                || (error instanceof SQLException sql
                        && sql.getSQLState() != null
                        && sql.getSQLState().startsWith(CONNECTION_LOST));
    }

    /** What a statement met. */
    static Throwable translate(JdbcSettings settings, Throwable error) {
        if (error instanceof ExhaustedException exhausted) {
            return new PoolExhaustedException(
                    prefix(settings) + exhausted.describe("", "backend.database.knexConfig.pool.max"));
        }
        if (error instanceof NoAnswerException) {
            return new RetryableException(
                    prefix(settings) + error.getMessage() + " from " + settings.location()
                            + ", see backend.database.callTimeout; the statement may have taken effect",
                    error);
        }
        return error instanceof SQLException sql ? refusal(settings, sql) : error;
    }

    private static StatementException refusal(JdbcSettings settings, SQLException error) {
        String remedy = CANCELLED.equals(error.getSQLState()) ? "; see backend.database.callTimeout" : "";
        String message = prefix(settings) + error.getMessage() + remedy;
        return statement(message, error.getErrorCode(), error.getSQLState(), error);
    }

    /** What connecting met. The driver's message may repeat the URL, and the password in it. */
    static DatabaseUnavailableException connecting(JdbcSettings settings, Throwable error) {
        if (error instanceof DatabaseUnavailableException named) {
            return named;
        }
        String message = prefix(settings) + "cannot connect to " + settings.location() + ": " + reason(settings, error);
        boolean passing =
                isConnectionLost(error) || error instanceof SQLTransientException || error instanceof TimeoutException;
        return passing
                ? new RetryableException(message, error)
                : new DatabaseUnavailableException(
                        message + "; see backend.database.connection.url, user and password", error);
    }

    private static String prefix(JdbcSettings settings) {
        return "plugin '" + settings.pluginId() + "': ";
    }

    private static String reason(JdbcSettings settings, Throwable error) {
        if (error instanceof TimeoutException) {
            return "no answer within " + settings.pool().createTimeout().toMillis() + " ms";
        }
        String text = String.valueOf(error.getMessage()).replace(settings.url().reveal(), settings.location());
        String shown = settings.password()
                .map(password -> password.reveal().isEmpty() ? text : text.replace(password.reveal(), "***"))
                .orElse(text);
        return error instanceof SQLException sql ? shown + " (" + sql.getSQLState() + ")" : shown;
    }
}
