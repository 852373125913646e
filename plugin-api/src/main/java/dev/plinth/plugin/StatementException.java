package dev.plinth.plugin;

import io.vertx.sqlclient.DatabaseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The database refused a statement. The SQLSTATE is PostgreSQL's, on every database. */
public final class StatementException extends DatabaseException {

    private final @Nullable String constraint;
    private final @Nullable String table;
    private final @Nullable String column;

    public StatementException(
            String message,
            int errorCode,
            String sqlState,
            @Nullable String constraint,
            @Nullable String table,
            @Nullable String column) {
        super(message, errorCode, sqlState);
        this.constraint = constraint;
        this.table = table;
        this.column = column;
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
