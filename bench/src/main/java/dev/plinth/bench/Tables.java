package dev.plinth.bench;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** What the plugins of the benchmarks have in their databases, and the statements that they run. */
final class Tables {

    static final String SELECT = "SELECT name FROM item WHERE id = $1";
    static final String INSERT = "INSERT INTO note (text) VALUES ($1)";

    private static final int ITEMS = 1000;

    private Tables() {}

    static String plugin(int number) {
        return "p" + number;
    }

    /** A schema of its own for each plugin, in the database postgres; those that are there are left as they are. */
    static void inSchemas(Postgres server, int plugins) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < plugins; i++) {
            if (server.ask("SELECT to_regclass('" + plugin(i) + ".item')") == null) {
                statements.add("CREATE SCHEMA " + plugin(i));
                statements.add("SET search_path TO " + plugin(i));
                statements.addAll(tables(i));
            }
        }
        server.execute("postgres", statements);
    }

    /** A database of its own for each plugin. */
    static void inDatabases(Postgres server, int plugins) throws SQLException {
        for (int i = 0; i < plugins; i++) {
            if ("0".equals(server.ask("SELECT count(*) FROM pg_database WHERE datname = '" + plugin(i) + "'"))) {
                server.execute("postgres", List.of("CREATE DATABASE " + plugin(i)));
                server.execute(plugin(i), tables(i));
            }
        }
    }

    private static List<String> tables(int number) {
        return List.of(
                "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)",
                "INSERT INTO item SELECT id, '" + plugin(number) + "' FROM generate_series(1, " + ITEMS + ") id",
                "ANALYZE item",
                "CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)");
    }

    /** Reads a row by its key, and sees to it that it is this plugin's. */
    static Future<?> select(SqlClient client, int number) {
        int key = 1 + ThreadLocalRandom.current().nextInt(ITEMS);
        return client.preparedQuery(SELECT).execute(Tuple.of(key)).map(rows -> check(rows, plugin(number)));
    }

    static RowSet<Row> check(RowSet<Row> rows, String plugin) {
        String name = rows.iterator().next().getString(0);
        if (!name.equals(plugin)) {
            throw new IllegalStateException(plugin + " got a row of " + name);
        }
        return rows;
    }

    static Future<?> insert(SqlClient client) {
        return client.preparedQuery(INSERT).execute(Tuple.of("a text of usual length"));
    }
}
