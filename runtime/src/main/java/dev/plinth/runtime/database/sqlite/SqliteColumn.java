package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.desc.ColumnDescriptor;
import java.sql.JDBCType;

/** A column of a result. */
record SqliteColumn(String name, ColumnType type) implements ColumnDescriptor {

    @Override
    public boolean isArray() {
        return false;
    }

    @Override
    public String typeName() {
        return type.declaration();
    }

    @Override
    public JDBCType jdbcType() {
        return type.kind().jdbcType;
    }
}
