package dev.plinth.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a backend holds that nobody uses. */
final class MemoryAtRest implements Benchmark {

    private static final Duration REST = Duration.ofSeconds(60);
    private static final List<Metric> METRICS = List.of(new Metric("MB resident", false));

    @Override
    public String name() {
        return "memory-at-rest";
    }

    @Override
    public String title() {
        return "Memory at rest";
    }

    @Override
    public String explanation() {
        return """
        Resident memory of the process, 60 s after it was ready, with the options of Java that `./plinth` gives; plugins have a schema
        each in one PostgreSQL database.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(new Shape(
                "60 s after ready",
                METRICS,
                List.of(new Resting(setup, 0), new Resting(setup, 1), new Resting(setup, 100))));
    }

    private static final class Resting implements Contender {

        private final Setup setup;
        private final int plugins;
        private @Nullable PlinthHome home;
        private @Nullable Child child;
        private long readyNanos;

        /** @param plugins none for an empty Vert.x Web server */
        Resting(Setup setup, int plugins) {
            this.setup = setup;
            this.plugins = plugins;
        }

        @Override
        public String name() {
            return plugins == 0
                    ? "an empty Vert.x Web server"
                    : plugins == 1 ? "Plinth, 1 plugin" : "Plinth, " + plugins + " plugins";
        }

        @Override
        public void open() throws IOException {
            PlinthHome made = PlinthHome.make(
                    setup.root(),
                    """
                    client: pg
                    pluginDivisionMode: schema
                    connection: {host: 127.0.0.1, port: %d, user: postgres, password: %s, database: postgres}
                    """
                            .formatted(setup.postgres().port(), Postgres.PASSWORD));
            home = made;
            for (int i = 1; i < plugins; i++) {
                made.addPlugin(HttpPlugin.ID + i);
            }
            child = plugins == 0 ? made.java(List.of(), HandWritten.class.getName()) : made.start(List.of());
            readyNanos = System.nanoTime();
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            Duration left = REST.minusNanos(System.nanoTime() - readyNanos);
            Thread.sleep(Math.max(0, left.toMillis()));
            return new double[] {Objects.requireNonNull(child).megabytes()};
        }

        @Override
        public void close() throws Exception {
            if (child != null) {
                child.close();
            }
            if (home != null) {
                home.close();
            }
        }
    }
}
