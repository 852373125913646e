package dev.plinth.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long a backend with a hundred plugins takes to be up. */
final class ManyStart implements Benchmark {

    private static final int PLUGINS = 100;
    private static final Metric MILLISECONDS = new Metric("ms from the command to ready", false);

    @Override
    public String name() {
        return "start-100-plugins";
    }

    @Override
    public String title() {
        return "Start of 100 plugins";
    }

    @Override
    public String explanation() {
        return """
        The fat jar with its archive of classes as a process, with plugins that have a table and a route each, on an empty server and on one where all is there.
        The first contender makes 100 empty databases, one CREATE DATABASE after the other in one session of psql. The mark for
        databases on an empty server is 1.15 times that, plus 1.5 s.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) throws Exception {
        Backends backends = Backends.optimized(setup);
        Path jars = Backends.plugins(PLUGINS);
        return List.of(new Shape(
                "100 plugins",
                MILLISECONDS,
                List.of(
                        new Psql(setup),
                        new Start(setup, backends, jars, "database", true),
                        new Start(setup, backends, jars, "database", false),
                        new Start(setup, backends, jars, "schema", true),
                        new Start(setup, backends, jars, "schema", false))));
    }

    private static void drop(Setup setup, String prefix) throws Exception {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < PLUGINS; i++) {
            statements.add("DROP DATABASE IF EXISTS " + prefix + "p" + i + " WITH (FORCE)");
        }
        statements.add("CHECKPOINT");
        setup.postgres().execute("postgres", statements);
    }

    /** The least that an operator could do. */
    private record Psql(Setup setup) implements Contender {

        @Override
        public String name() {
            return "psql, 100 CREATE DATABASE";
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            drop(setup, "psql_");
            StringBuilder script = new StringBuilder();
            for (int i = 0; i < PLUGINS; i++) {
                script.append("CREATE DATABASE psql_p").append(i).append(" TEMPLATE template0;\n");
            }
            ProcessBuilder psql = new ProcessBuilder(
                    "psql",
                    "-q",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    String.valueOf(setup.postgres().port()),
                    "-U",
                    "postgres",
                    "postgres");
            psql.environment().put("PGPASSWORD", Postgres.PASSWORD);
            long begun = System.nanoTime();
            Process process =
                    psql.inheritIO().redirectInput(ProcessBuilder.Redirect.PIPE).start();
            try (var in = process.outputWriter()) {
                in.write(script.toString());
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException("psql failed");
            }
            return new double[] {(System.nanoTime() - begun) / 1e6};
        }
    }

    private record Start(Setup setup, Backends backends, Path jars, String mode, boolean empty) implements Contender {

        @Override
        public String name() {
            return mode + "s, " + (empty ? "on an empty server" : "all there");
        }

        private String prefix() {
            return "start_" + mode + (empty ? "_empty_" : "_");
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            if (empty && mode.equals("database")) {
                drop(setup, prefix());
            } else if (empty) {
                setup.postgres()
                        .execute(
                                "postgres",
                                List.of("DROP DATABASE IF EXISTS start_schemas_empty WITH (FORCE)", "CHECKPOINT"));
            }
            List<String> settings = mode.equals("database")
                    ? List.of("backend.database.prefix=" + prefix())
                    : List.of(
                            "backend.database.pluginDivisionMode=schema",
                            "backend.database.connection.database=start_schemas" + (empty ? "_empty" : ""));
            try (Child running = backends.start(jars, settings)) {
                return new double[] {running.millis()};
            }
        }
    }
}
