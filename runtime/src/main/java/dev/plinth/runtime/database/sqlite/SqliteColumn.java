package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.desc.ColumnDescriptor;
import java.sql.JDBCType;

/** A column of a result, described as the PostgreSQL client describes one of its type. */
record SqliteColumn(String name, ColumnType type) implements ColumnDescriptor {

    @Override
    public boolean isArray() {
        return false;
    }

    @Override
    public String typeName() {
        return switch (type.kind()) {
            case BOOLEAN -> "BOOL";
            case SMALLINT -> "INT2";
            case INTEGER -> "INT4";
            case BIGINT -> "INT8";
            case REAL -> "FLOAT4";
            case DOUBLE -> "FLOAT8";
            case BYTES -> "BYTEA";
            case TEXT -> isVarchar() ? "VARCHAR" : "TEXT";
            default -> type.kind().name();
        };
    }

    private boolean isVarchar() {
        return type.declaration().contains("char");
    }

    @Override
    public JDBCType jdbcType() {
        boolean isText = type.kind() == ColumnType.Kind.TEXT && !isVarchar();
        return isText ? JDBCType.LONGVARCHAR : type.kind().jdbcType;
    }
}
