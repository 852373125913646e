package dev.plinth.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests to one plugin, beside the server that somebody would write without Plinth. */
final class HttpRequests implements Benchmark {

    private static final int CONNECTIONS = 32;
    private static final String PATH = "/api/" + HttpPlugin.ID;
    private static final String DATABASE = "hand_written";
    private static final List<Metric> METRICS =
            List.of(new Metric("requests/s", true), new Metric("µs of the processors per request", false));

    private enum Kind {
        HAND_WRITTEN("hand-written"),
        HAND_WRITTEN_LOGGING("hand-written, with Vert.x Web's access log"),
        PLINTH("Plinth");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public String title() {
        return "HTTP requests";
    }

    @Override
    public String explanation() {
        return """
        32 connections with a request in flight on each, from another process on the same machine, after 15 s of warm-up, as a
        server's code is compiled while it serves. Plinth is the fat jar as it comes, with its access log on, written to a file;
        hand-written is a Vert.x Web server of one verticle with the same handlers, the same statements and Vert.x's own pool. It
        does nothing else that Plinth does for each request: ids, traces, security headers, metrics, limits, a thread of their own
        for connections. It logs no accesses but in the second shape, where Vert.x Web's LoggerHandler does, through Logback as
        its defaults are, to a file of the same kind. Both have at most 10 connections to the same PostgreSQL. What the server's
        process used of the processors says how it compares where it does not share them with who asks.
        """;
    }

    @Override
    public Duration warmUp() {
        return Duration.ofSeconds(15);
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        Supplier<Buffer> hello = () -> HttpLoad.request("GET", PATH + "/hello", "");
        return List.of(
                shape(setup, "a route without database", hello, Kind.HAND_WRITTEN),
                shape(setup, "the same, both with an access log", hello, Kind.HAND_WRITTEN_LOGGING),
                shape(
                        setup,
                        "GET by key",
                        () -> HttpLoad.request(
                                "GET",
                                PATH + "/items/"
                                        + (1 + ThreadLocalRandom.current().nextInt(1000)),
                                ""),
                        Kind.HAND_WRITTEN),
                shape(
                        setup,
                        "POST",
                        () -> HttpLoad.request("POST", PATH + "/notes", "{\"text\":\"a text of usual length\"}"),
                        Kind.HAND_WRITTEN));
    }

    private static Shape shape(Setup setup, String name, Supplier<Buffer> request, Kind other) {
        return new Shape(
                name, METRICS, List.of(new Server(setup, other, request), new Server(setup, Kind.PLINTH, request)));
    }

    private static final class Server implements Contender {

        private final Setup setup;
        private final Kind kind;
        private final Supplier<Buffer> request;
        private @Nullable PlinthHome home;
        private @Nullable Child child;
        private @Nullable HttpLoad load;

        Server(Setup setup, Kind kind, Supplier<Buffer> request) {
            this.setup = setup;
            this.kind = kind;
            this.request = request;
        }

        @Override
        public String name() {
            return kind.label;
        }

        @Override
        public void open() throws Exception {
            Postgres server = setup.postgres();
            PlinthHome made = PlinthHome.make(
                    setup.root(),
                    """
                    client: pg
                    connection: {host: 127.0.0.1, port: %d, user: postgres, password: %s}
                    """
                            .formatted(server.port(), Postgres.PASSWORD));
            home = made;
            child = kind == Kind.PLINTH ? made.start(List.of()) : handWritten(made, server);
        }

        private Child handWritten(PlinthHome made, Postgres server) throws Exception {
            if ("0".equals(server.ask("SELECT count(*) FROM pg_database WHERE datname = '" + DATABASE + "'"))) {
                server.execute("postgres", List.of("CREATE DATABASE " + DATABASE));
                server.execute(DATABASE, List.of(HttpPlugin.MIGRATION));
            }
            String uri = "postgresql://postgres:" + Postgres.PASSWORD + "@127.0.0.1:" + server.port() + "/" + DATABASE;
            String log = kind == Kind.HAND_WRITTEN_LOGGING ? HandWritten.ACCESS_LOG : "";
            return made.java(List.of(), HandWritten.class.getName(), uri, log);
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            // Else the log of many rounds would fill the disk.
            Path log = Objects.requireNonNull(home).log();
            Files.writeString(log, "");
            Child server = Objects.requireNonNull(child);
            HttpLoad asking = load();
            double processor = server.processorSeconds();
            long begin = System.nanoTime();
            double perSecond = asking.perSecond(time);
            double requests = perSecond * (System.nanoTime() - begin) / 1e9;
            if (kind != Kind.HAND_WRITTEN && Files.size(log) == 0) {
                throw new IllegalStateException(kind.label + " logs no accesses");
            }
            return new double[] {perSecond, (server.processorSeconds() - processor) * 1e6 / requests};
        }

        /** Connected when it is used first: a server closes connections on which no request comes. */
        private HttpLoad load() {
            if (load == null) {
                load = new HttpLoad(Objects.requireNonNull(child).port(), CONNECTIONS, request);
            }
            return load;
        }

        @Override
        public void close() throws Exception {
            if (load != null) {
                load.close();
            }
            if (child != null) {
                child.close();
            }
            if (home != null) {
                home.close();
            }
        }
    }
}
