package dev.plinth.bench;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What needs a connection to itself: leases, transactions, batches. */
final class Leases implements Benchmark {

    private static final List<Integer> CONNECTIONS = List.of(1, 4, 10);
    private static final int IN_FLIGHT = 32;

    /** One kind of work. */
    private record Work(String name, ClientContender.Operation<Pool> operation) {}

    private static final List<Work> WORKS = List.of(
            new Work("getConnection, close", (pool, plugin) -> pool.getConnection()
                    .compose(SqlConnection::close)),
            new Work("getConnection, SELECT, close", (pool, plugin) -> pool.getConnection()
                    .compose(connection -> Tables.select(connection, plugin).eventually(connection::close))),
            new Work(
                    "withTransaction, SELECT",
                    (pool, plugin) -> pool.withTransaction(connection -> one(connection, plugin))),
            new Work("batch of 100 INSERTs", (pool, plugin) -> pool.preparedQuery(Tables.INSERT)
                    .executeBatch(Collections.nCopies(100, Tuple.of("a text of usual length")))));

    private static Future<Object> one(SqlConnection connection, int plugin) {
        return Tables.select(connection, plugin).map(rows -> rows);
    }

    @Override
    public String name() {
        return "leases";
    }

    @Override
    public String title() {
        return "Leases, transactions and batches of one plugin";
    }

    @Override
    public String explanation() {
        return """
        What one plugin does with a connection to itself, 32 at a time, on as many connections as the plain pool of Vert.x has.
        """;
    }

    /** Until then Java still compiles, at the cost of what runs: each kind of work is code of its own. */
    @Override
    public Duration warmUp() {
        return Duration.ofSeconds(20);
    }

    @Override
    public List<Shape> shapes(Setup setup) throws SQLException {
        Postgres server = setup.postgres();
        Tables.inSchemas(server, 1);
        List<Shape> shapes = new ArrayList<>();
        for (Work work : WORKS) {
            for (int connections : CONNECTIONS) {
                shapes.add(new Shape(
                        work.name() + ", " + connections + (connections == 1 ? " connection" : " connections"),
                        new Metric("times/s", true),
                        List.of(
                                new ClientContender<>(
                                        "plain pool",
                                        vertx -> Clients.plain(vertx, server, connections),
                                        1,
                                        IN_FLIGHT,
                                        work.operation()),
                                new ClientContender<>(
                                        "Plinth",
                                        vertx -> Clients.schemas(vertx, server, 1, connections, connections),
                                        1,
                                        IN_FLIGHT,
                                        work.operation()))));
            }
        }
        return shapes;
    }
}
