package dev.plinth.runtime.database.jdbc;

import io.vertx.sqlclient.internal.ParamDesc;
import io.vertx.sqlclient.internal.PreparedStatement;
import io.vertx.sqlclient.internal.RowDesc;
import io.vertx.sqlclient.internal.TupleInternal;

/** A prepared statement under the text that the plugin gave. */
record JdbcStatement(String sql, PreparedStatement statement) implements PreparedStatement {

    @Override
    public ParamDesc paramDesc() {
        return statement.paramDesc();
    }

    @Override
    public RowDesc rowDesc() {
        return statement.rowDesc();
    }

    /** Arguments are arranged, and checked, when they are run. */
    @Override
    public TupleInternal prepare(TupleInternal values) {
        return values;
    }
}
