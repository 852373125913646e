package dev.plinth.bench;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Many plugins on few connections, beside one plugin that has a plain pool to itself. */
final class ManyPlugins implements Benchmark {

    private static final int CONNECTIONS = 20;
    private static final int IN_FLIGHT = 200;

    private final boolean schemas;

    ManyPlugins(boolean schemas) {
        this.schemas = schemas;
    }

    @Override
    public String name() {
        return schemas ? "many-plugins-schema" : "many-plugins-database";
    }

    @Override
    public String title() {
        return schemas ? "Many plugins in schemas of one database" : "Many plugins with a database each";
    }

    @Override
    public String explanation() {
        return """
        SELECT by key, with 200 statements in flight, shared evenly by the plugins that are active, on 20 connections. The plain
        pool has 20 connections as well and serves one plugin, which may stay on one event loop; the plugins are spread over all
        event loops as they are in a backend.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) throws SQLException {
        Postgres server = setup.postgres();
        List<Integer> counts = schemas ? List.of(1, 10, 100) : List.of(1, 10, CONNECTIONS);
        Tables.inSchemas(server, schemas ? 100 : 1);
        if (!schemas) {
            Tables.inDatabases(server, CONNECTIONS);
        }
        List<Shape> shapes = new ArrayList<>();
        for (int plugins : counts) {
            Function<Vertx, Clients<Pool>> plinth = schemas
                    ? vertx -> Clients.schemas(vertx, server, plugins, CONNECTIONS, 10)
                    : vertx -> Clients.databases(vertx, server, plugins, CONNECTIONS, 10);
            shapes.add(new Shape(
                    plugins == 1 ? "1 active plugin" : plugins + " active plugins",
                    Metric.STATEMENTS,
                    List.of(
                            new ClientContender<>(
                                    "plain pool, 1 plugin",
                                    vertx -> Clients.plain(vertx, server, CONNECTIONS),
                                    1,
                                    IN_FLIGHT,
                                    Tables::select),
                            new ClientContender<>("Plinth", plinth, plugins, IN_FLIGHT, Tables::select))));
        }
        return shapes;
    }
}
