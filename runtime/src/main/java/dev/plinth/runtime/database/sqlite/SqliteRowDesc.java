package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.RowDesc;

/** The columns of a result. */
final class SqliteRowDesc extends RowDesc {

    private final SqliteColumn[] columns;

    SqliteRowDesc(SqliteColumn[] columns) {
        super(columns);
        this.columns = columns;
    }

    ColumnType type(int column) {
        return columns[column].type();
    }

    int size() {
        return columns.length;
    }
}
