package dev.plinth.bench;

import io.vertx.sqlclient.SqlClient;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Single statements of one plugin, through its pool and through what else there is. */
final class OnePlugin implements Benchmark {

    private static final List<Integer> CONNECTIONS = List.of(1, 4, 10);
    private static final List<Integer> IN_FLIGHT = List.of(32, 64);

    private final String name;
    private final String title;
    private final ClientContender.Operation<SqlClient> operation;
    private final String script;

    private OnePlugin(String name, String title, ClientContender.Operation<SqlClient> operation, String script) {
        this.name = name;
        this.title = title;
        this.operation = operation;
        this.script = script;
    }

    static OnePlugin selecting() {
        return new OnePlugin(
                "one-plugin-select",
                "One plugin: SELECT by key",
                Tables::select,
                "\\set id random(1, 1000)\nSELECT name FROM p0.item WHERE id = :id;\n");
    }

    static OnePlugin inserting() {
        return new OnePlugin(
                "one-plugin-insert",
                "One plugin: INSERT",
                (client, plugin) -> Tables.insert(client),
                "INSERT INTO p0.note (text) VALUES ('a text of usual length');\n");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String explanation() {
        return """
        `pool.preparedQuery(...)` outside transactions, all from one event loop. The plain pool is Vert.x's `PgBuilder.pool` with
        `cachePreparedStatements`; the pipelined client is its `PgBuilder.client`, which cannot lend connections. pgbench has one
        statement in flight on each connection, whatever the row says. The server does not wait for the disk (`fsync` off).
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) throws SQLException {
        Postgres server = setup.postgres();
        Tables.inSchemas(server, 1);
        List<Shape> shapes = new ArrayList<>();
        for (int connections : CONNECTIONS) {
            for (int inFlight : IN_FLIGHT) {
                shapes.add(shape(server, connections, inFlight));
            }
        }
        return shapes;
    }

    private Shape shape(Postgres server, int connections, int inFlight) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new ClientContender<>(
                "plain pool", vertx -> Clients.plain(vertx, server, connections), 1, inFlight, operation::start));
        contenders.add(new ClientContender<>(
                "Plinth",
                vertx -> Clients.schemas(vertx, server, 1, connections, connections),
                1,
                inFlight,
                operation::start));
        contenders.add(new ClientContender<>(
                "pipelined client", vertx -> Clients.pipelined(vertx, server, connections), 1, inFlight, operation));
        if (Pgbench.isInstalled()) {
            contenders.add(new Pgbench(server, connections, script));
        }
        return new Shape(
                connections + (connections == 1 ? " connection, " : " connections, ") + inFlight + " in flight",
                Metric.STATEMENTS,
                contenders);
    }
}
