package dev.plinth.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
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
    private static final List<Metric> METRICS = List.of(new Metric("requests/s", true));

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
        logs no accesses, and does nothing else that Plinth does for each request: ids, traces, security headers, metrics, limits.
        Both have at most 10 connections to the same PostgreSQL.
        """;
    }

    @Override
    public Duration warmUp() {
        return Duration.ofSeconds(15);
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(
                shape(setup, "a route without database", () -> HttpLoad.request("GET", PATH + "/hello", "")),
                shape(
                        setup,
                        "GET by key",
                        () -> HttpLoad.request(
                                "GET",
                                PATH + "/items/"
                                        + (1 + ThreadLocalRandom.current().nextInt(1000)),
                                "")),
                shape(
                        setup,
                        "POST",
                        () -> HttpLoad.request("POST", PATH + "/notes", "{\"text\":\"a text of usual length\"}")));
    }

    private static Shape shape(Setup setup, String name, Supplier<Buffer> request) {
        return new Shape(name, METRICS, List.of(new Server(setup, false, request), new Server(setup, true, request)));
    }

    private static final class Server implements Contender {

        private final Setup setup;
        private final boolean plinth;
        private final Supplier<Buffer> request;
        private @Nullable PlinthHome home;
        private @Nullable Child child;
        private @Nullable HttpLoad load;

        Server(Setup setup, boolean plinth, Supplier<Buffer> request) {
            this.setup = setup;
            this.plinth = plinth;
            this.request = request;
        }

        @Override
        public String name() {
            return plinth ? "Plinth" : "hand-written";
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
            child = plinth ? made.start(List.of()) : handWritten(made, server);
        }

        private static Child handWritten(PlinthHome made, Postgres server) throws Exception {
            if ("0".equals(server.ask("SELECT count(*) FROM pg_database WHERE datname = '" + DATABASE + "'"))) {
                server.execute("postgres", List.of("CREATE DATABASE " + DATABASE));
                server.execute(DATABASE, List.of(HttpPlugin.MIGRATION));
            }
            String uri = "postgresql://postgres:" + Postgres.PASSWORD + "@127.0.0.1:" + server.port() + "/" + DATABASE;
            return made.java(List.of(), HandWritten.class.getName(), uri);
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            // Else the log of many rounds would fill the disk.
            Files.writeString(Objects.requireNonNull(home).log(), "");
            return new double[] {load().perSecond(time)};
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
