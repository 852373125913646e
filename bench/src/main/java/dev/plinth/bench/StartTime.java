package dev.plinth.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How long a process takes until it says that it is ready. */
final class StartTime implements Benchmark {

    private static final List<Metric> METRICS = List.of(Metric.MILLISECONDS, new Metric("MB resident", false));

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String title() {
        return "Start of one plugin on SQLite";
    }

    @Override
    public String explanation() {
        return """
        From the start of the process to the line that says where it listens, and the memory that it then has. Plinth is the fat jar
        with one plugin, whose SQLite file is there but for the first time; the other is a Vert.x Web server with one route, with the
        same jar as its class path and the same options of Java. The archives are class-data archives: Plinth's own, which `plinth
        optimize` makes, and one made for the other in the same way. The mark with archives is 1.6 times the other. Where Plinth's time
        goes is printed in the end, as `plinth start --verbose` tells it.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(
                new Shape("plain", METRICS, List.of(new Start(setup, false, false), new Start(setup, true, false))),
                new Shape(
                        "with an archive",
                        METRICS,
                        List.of(new Start(setup, false, true), new Start(setup, true, true))));
    }

    private static final class Start implements Contender {

        private final Setup setup;
        private final boolean plinth;
        private final boolean archive;
        private List<String> options = List.of();
        private @Nullable PlinthHome home;

        Start(Setup setup, boolean plinth, boolean archive) {
            this.setup = setup;
            this.plinth = plinth;
            this.archive = archive;
        }

        @Override
        public String name() {
            return plinth ? "Plinth" : "an empty Vert.x Web server";
        }

        @Override
        public void open() throws Exception {
            PlinthHome made = PlinthHome.make(
                    setup.root(),
                    """
                    client: better-sqlite3
                    connection: {directory: data}
                    """);
            home = made;
            if (archive && plinth) {
                options = PlinthHome.optimize(made.jar());
            } else if (archive) {
                options = made.archive(HandWritten.class.getName());
            }
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            PlinthHome made = Objects.requireNonNull(home);
            try (Child child = plinth ? made.start(options) : made.java(options, HandWritten.class.getName())) {
                return new double[] {child.millis(), child.megabytes()};
            }
        }

        /** A start of its own: what asks for the time takes some. */
        private void printBreakdown(PlinthHome made) throws IOException {
            made.start(options, "--verbose", "--log-format", "text").close();
            System.out.println(name() + (archive ? " with an archive" : "") + " took " + made.lastTook());
        }

        @Override
        public void close() throws IOException {
            if (home != null) {
                if (plinth) {
                    printBreakdown(home);
                }
                home.close();
            }
        }
    }
}
