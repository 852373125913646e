package dev.plinth.bench;

import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.jdbcclient.JDBCConnectOptions;
import io.vertx.jdbcclient.JDBCPool;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/** SQLite databases with the tables of one plugin, as each of the contenders opens them. */
final class SqliteFiles {

    private static final String WAL = "?journal_mode=WAL&busy_timeout=60000&synchronous=";

    /** The wording that SQLite, and the JDBC client, know. */
    private static final List<String> TABLES = List.of(
            "CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL)",
            "INSERT INTO item WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000)"
                    + " SELECT id, 'p0' FROM n",
            "CREATE TABLE note (id integer PRIMARY KEY, text text NOT NULL)");

    private SqliteFiles() {}

    /** Where a database is, and how surely it keeps what it acknowledges. */
    enum Place {
        MEMORY("memory", ""),
        FULL("file, synchronous FULL", "FULL"),
        NORMAL("file, synchronous NORMAL (Plinth: FULL)", "NORMAL");

        private final String title;
        private final String synchronous;

        Place(String title, String synchronous) {
            this.title = title;
            this.synchronous = synchronous;
        }

        String title() {
            return title;
        }

        private String url(Path file) {
            return this == MEMORY ? "jdbc:sqlite::memory:" : "jdbc:sqlite:" + file + WAL + synchronous;
        }
    }

    static Connection connect(Place place, Path file) throws SQLException {
        Connection connection = DriverManager.getConnection(place.url(file));
        try (Statement statement = connection.createStatement()) {
            for (String sql : TABLES) {
                statement.execute(sql);
            }
        }
        return connection;
    }

    /** The pool of the Vert.x JDBC client with its default size; in memory it can only be one connection. */
    static Clients<Pool> client(Vertx vertx, Place place, Path file) {
        PoolOptions options = place == Place.MEMORY ? new PoolOptions().setMaxSize(1) : new PoolOptions();
        Pool pool = JDBCPool.pool(vertx, new JDBCConnectOptions().setJdbcUrl(place.url(file)), options);
        return new Clients<>(List.of(pool), pool::close);
    }

    static Clients<Pool> plinth(Vertx vertx, Place place, Path file) {
        SqliteConnector connector = new SqliteConnector(vertx);
        Pool pool = plinth(vertx, connector, place == Place.MEMORY ? Optional.empty() : Optional.of(file));
        return new Clients<>(List.of(pool), connector::close);
    }

    /** One plugin's pool. */
    static Pool plinth(Vertx vertx, SqliteConnector connector, Optional<Path> file) {
        SqliteSettings settings = new SqliteSettings("bench", file, true, PoolSettings.DEFAULT, false);
        return new PluginPool(vertx, "bench", connector.open(settings));
    }

    /** On the caller's context, which a pool of one connection then stays on. */
    static Future<?> create(Pool pool) {
        Future<?> created = Future.succeededFuture();
        for (String sql : TABLES) {
            created = created.compose(before -> pool.query(sql).execute());
        }
        return created;
    }
}
