package dev.plinth.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Starts beside a Backstage backend with the same plugins. */
final class BackstagePeer implements Benchmark {

    private static final String DIRECTORY = "bench/backstage";
    private static final List<Metric> METRICS =
            List.of(new Metric("ms from the command to ready", false), new Metric("MB resident", false));

    @Override
    public String name() {
        return "backstage";
    }

    @Override
    public String title() {
        return "Starts beside a Backstage backend";
    }

    @Override
    public String explanation() {
        return """
        From the command until every plugin is ready, and the memory that the process then has: a minimal Backstage backend, and the
        fat jar with its archive of classes. Plugins have a table and a route each, in SQLite in memory or on one PostgreSQL.
        """;
    }

    /** None where Backstage is not installed. */
    @Override
    public List<Shape> shapes(Setup setup) throws Exception {
        Path peer = setup.root().resolve(DIRECTORY);
        if (!Files.isDirectory(peer.resolve("node_modules"))) {
            System.out.println("there is no Backstage to compare with: run npm install in " + DIRECTORY);
            return List.of();
        }
        Backends plinth = Backends.optimized(setup);
        List<Shape> shapes = new ArrayList<>();
        shapes.add(shape(setup, plinth, peer, new Case("SQLite in memory", 1, false)));
        for (int plugins : List.of(100, 200)) {
            shapes.add(shape(setup, plinth, peer, new Case("schemas, on an empty database", plugins, true)));
            shapes.add(shape(setup, plinth, peer, new Case("schemas, all there", plugins, false)));
        }
        shapes.add(shape(setup, plinth, peer, new Case("databases, all there", 100, false)));
        return shapes;
    }

    private static Shape shape(Setup setup, Backends plinth, Path peer, Case what) throws IOException {
        return new Shape(
                what.name(),
                METRICS,
                List.of(
                        new Start(setup, what, "Backstage", settings -> backstage(peer, what, settings)),
                        new Start(setup, what, "Plinth", plinth(plinth, Backends.plugins(what.plugins())))));
    }

    private static Starter plinth(Backends plinth, Path jars) {
        return settings -> plinth.start(jars, List.of("backend.database=" + settings.encode()));
    }

    private static Child backstage(Path peer, Case what, JsonObject database) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String url = "http://127.0.0.1:" + port;
        JsonObject backend = new JsonObject()
                .put("baseUrl", url)
                .put("listen", new JsonObject().put("host", "127.0.0.1").put("port", port))
                .put("auth", new JsonObject().put("dangerouslyDisableDefaultAuthPolicy", true))
                .put("database", database);
        Path directory = Files.createTempDirectory("plinth-bench");
        Path config = directory.resolve("app-config.yaml");
        Files.writeString(
                config,
                new JsonObject()
                        .put("app", new JsonObject().put("baseUrl", url))
                        .put("backend", backend)
                        .encode());
        ProcessBuilder node = new ProcessBuilder(
                        "node", "--no-node-snapshot", "index.js", "--config", config.toString())
                .directory(peer.toFile());
        node.environment().putAll(Map.of("PLUGINS", String.valueOf(what.plugins()), "PORT", String.valueOf(port)));
        return Child.start(node, directory.resolve("log"));
    }

    /**
     * What is started.
     *
     * @param empty whether each start finds nothing
     */
    private record Case(String place, int plugins, boolean empty) {

        String name() {
            return plugins == 1 ? "1 plugin, " + place : plugins + " plugins, " + place;
        }

        JsonObject settings(Postgres server, String database) {
            if (place.startsWith("SQLite")) {
                return new JsonObject().put("client", "better-sqlite3").put("connection", ":memory:");
            }
            boolean schemas = place.startsWith("schemas");
            JsonObject connection = new JsonObject()
                    .put("host", "127.0.0.1")
                    .put("port", server.port())
                    .put("user", "postgres")
                    .put("password", Postgres.PASSWORD);
            return new JsonObject()
                    .put("client", "pg")
                    .put("prefix", database + "_")
                    .put("pluginDivisionMode", schemas ? "schema" : "database")
                    .put("connection", schemas ? connection.put("database", database) : connection);
        }
    }

    private interface Starter {

        Child start(JsonObject database) throws IOException;
    }

    private record Start(Setup setup, Case what, String name, Starter starter) implements Contender {

        private String database() {
            return "peer_" + name.toLowerCase(Locale.ROOT) + "_" + what.plugins();
        }

        private void empty() throws Exception {
            setup.postgres()
                    .execute(
                            "postgres",
                            List.of(
                                    "DROP DATABASE IF EXISTS " + database() + " WITH (FORCE)",
                                    "CREATE DATABASE " + database()));
        }

        /** What is to be there is made by a first start. */
        @Override
        public void open() throws Exception {
            empty();
            if (!what.empty()) {
                measure(Duration.ZERO);
            }
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            if (what.empty()) {
                empty();
            }
            try (Child running = starter.start(what.settings(setup.postgres(), database()))) {
                return new double[] {running.millis(), running.megabytes()};
            }
        }
    }
}
