package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.spi.DatabaseMetadata;
import org.sqlite.SQLiteJDBCLoader;

/** The SQLite that is built in. */
enum SqliteMetadata implements DatabaseMetadata {
    INSTANCE;

    @Override
    public String productName() {
        return "SQLite";
    }

    @Override
    public String fullVersion() {
        return SQLiteJDBCLoader.getVersion();
    }

    @Override
    public int majorVersion() {
        return SQLiteJDBCLoader.getMajorVersion();
    }

    @Override
    public int minorVersion() {
        return SQLiteJDBCLoader.getMinorVersion();
    }
}
