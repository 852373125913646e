package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.ParamDesc;
import io.vertx.sqlclient.internal.PreparedStatement;
import io.vertx.sqlclient.internal.RowDesc;
import io.vertx.sqlclient.internal.TupleInternal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement that compiled. It belongs to no connection, as each keeps its own compiled statements by text. */
final class SqlitePreparedStatement implements PreparedStatement {

    private final String sql;
    private final List<ParameterTypes.Parameter> parameters;
    private final @Nullable SqliteRowDesc columns;

    SqlitePreparedStatement(String sql, List<ParameterTypes.Parameter> parameters, @Nullable SqliteRowDesc columns) {
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

    /** Refuses arguments by itself, as the client of PostgreSQL does, before anything is sent. */
    @Override
    public TupleInternal prepare(TupleInternal arguments) {
        Arguments.check(parameters.size(), arguments);
        Arguments.checkTypes(parameters, arguments);
        return arguments;
    }
}
