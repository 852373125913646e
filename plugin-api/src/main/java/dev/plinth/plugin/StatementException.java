package dev.plinth.plugin;

import io.vertx.sqlclient.DatabaseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The database refused a statement. The SQLSTATE is PostgreSQL's, on every database. */
public final class StatementException extends DatabaseException {

    private final @Nullable String constraint;
    private final @Nullable String table;
    private final @Nullable String column;
    private final @Nullable Throwable cause;

    public StatementException(
            String message,
            int errorCode,
            String sqlState,
            @Nullable String constraint,
            @Nullable String table,
            @Nullable String column) {
        this(message, errorCode, sqlState, constraint, table, column, null);
    }

    /** @param cause the driver's own error, which may know more */
    public StatementException(
            String message,
            int errorCode,
            String sqlState,
            @Nullable String constraint,
            @Nullable String table,
            @Nullable String column,
            @Nullable Throwable cause) {
        super(message, errorCode, sqlState);
        this.constraint = constraint;
        this.table = table;
        this.column = column;
        this.cause = cause;
    }

    @Override
    public synchronized @Nullable Throwable getCause() {
        return cause;
    }

    /** The violated constraint, where the database tells. */
    public Optional<String> constraint() {
        return Optional.ofNullable(constraint);
    }

    /** The table concerned, where the database tells. */
    public Optional<String> table() {
        return Optional.ofNullable(table);
    }

    /** The column concerned, where the database tells. */
    public Optional<String> column() {
        return Optional.ofNullable(column);
    }
}
