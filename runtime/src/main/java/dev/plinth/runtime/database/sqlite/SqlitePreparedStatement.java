package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.ParamDesc;
import io.vertx.sqlclient.internal.PreparedStatement;
import io.vertx.sqlclient.internal.RowDesc;
import io.vertx.sqlclient.internal.TupleInternal;
import org.jspecify.annotations.Nullable;

/** A statement that compiled. It belongs to no connection, as each keeps its own compiled statements by text. */
final class SqlitePreparedStatement implements PreparedStatement {

    private final String sql;
    private final int parameters;
    private final @Nullable SqliteRowDesc columns;

    SqlitePreparedStatement(String sql, int parameters, @Nullable SqliteRowDesc columns) {
        this.sql = sql;
        this.parameters = parameters;
        this.columns = columns;
    }

    @Override
    public ParamDesc paramDesc() {
        return new ParamDesc();
    }

    @Override
    public @Nullable RowDesc rowDesc() {
        return columns;
    }

    @Override
    public String sql() {
        return sql;
    }

    @Override
    public TupleInternal prepare(TupleInternal arguments) {
        Arguments.check(parameters, arguments);
        return arguments;
    }
}
