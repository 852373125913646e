package dev.plinth.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What plugins on PostgreSQL cost that nobody calls. */
final class IdlePlugins implements Benchmark {

    private static final List<Metric> METRICS = List.of(
            new Metric("kB of heap per plugin more", false),
            new Metric("threads", false),
            new Metric("connections of plugins + 1", false),
            new Metric("ms from the command to ready", false));

    @Override
    public String name() {
        return "idle-plugins";
    }

    @Override
    public String title() {
        return "Plugins at rest on PostgreSQL";
    }

    @Override
    public String explanation() {
        return """
        The fat jar as a process with a heap of 512 MB, and plugins that have a table and a route each and are never called. Heap in
        use after a collection, compared with one plugin, for each plugin more (for one plugin: all of it); all threads of the
        process; the connections that plugins hold; and the time from the command until every plugin is ready, with what they have
        in the database made before.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        Backends backends = new Backends(setup);
        return List.of(
                new Shape(
                        "schemas",
                        METRICS,
                        List.of(
                                new Idle(setup, backends, "schema", 1),
                                new Idle(setup, backends, "schema", 10),
                                new Idle(setup, backends, "schema", 100),
                                new Idle(setup, backends, "schema", 1000))),
                new Shape(
                        "databases",
                        METRICS,
                        List.of(
                                new Idle(setup, backends, "database", 1),
                                new Idle(setup, backends, "database", 10),
                                new Idle(setup, backends, "database", 100))));
    }

    private static final class Idle implements Contender {

        private final Setup setup;
        private final Backends backends;
        private final int plugins;
        private final List<String> settings;
        private Path jars = Path.of("");
        private Path one = Path.of("");

        Idle(Setup setup, Backends backends, String mode, int plugins) {
            this.setup = setup;
            this.backends = backends;
            this.plugins = plugins;
            this.settings = List.of(
                    "backend.database.pluginDivisionMode=" + mode,
                    "backend.database.prefix=idle_",
                    "backend.database.schemaPrefix=idle_",
                    "backend.database.connection.database=postgres");
        }

        @Override
        public String name() {
            return plugins == 1 ? "1 plugin" : plugins + " plugins";
        }

        @Override
        public void open() throws Exception {
            jars = Backends.plugins(plugins);
            one = Backends.plugins(1);
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            double alone = 0;
            if (plugins > 1) {
                try (Child single = backends.start(one, settings)) {
                    alone = single.heap();
                }
            }
            try (Child running = backends.start(jars, settings)) {
                int connections = Integer.parseInt(setup.postgres()
                        .ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%@%'"));
                double perPlugin = (running.heap() - alone) / Math.max(1, plugins - 1) / 1024;
                double threads = running.threads();
                running.get("/api/p" + (plugins - 1) + "/one");
                return new double[] {perPlugin, threads, connections + 1, running.millis()};
            }
        }
    }
}
