package dev.plinth.bench;

import dev.plinth.bench.SqliteFiles.Place;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Single statements on SQLite: Plinth's pool, the Vert.x JDBC client, and the driver itself. */
final class SqliteStatements implements Benchmark {

    private static final List<Integer> IN_FLIGHT = List.of(1, 32);
    private static final List<Metric> METRICS =
            List.of(Metric.STATEMENTS, new Metric("ms, p50", false), new Metric("ms, p99", false));

    private final boolean inserts;

    private SqliteStatements(boolean inserts) {
        this.inserts = inserts;
    }

    static SqliteStatements selecting() {
        return new SqliteStatements(false);
    }

    static SqliteStatements inserting() {
        return new SqliteStatements(true);
    }

    @Override
    public String name() {
        return inserts ? "sqlite-insert" : "sqlite-select";
    }

    @Override
    public String title() {
        return inserts ? "SQLite: INSERT" : "SQLite: SELECT by key";
    }

    @Override
    public String explanation() {
        return """
        `pool.preparedQuery(...)` outside transactions, all from one event loop. The JDBC client is Vert.x's `JDBCPool` as it comes,
        with its default of 4 connections (in memory one, as each would be a database of its own). "sqlite-jdbc" is the driver called
        directly by one thread with a prepared statement that is kept, one statement after the other whatever the row says. Files are
        in WAL mode.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) throws Exception {
        List<Shape> shapes = new ArrayList<>();
        for (Place place : inserts ? List.of(Place.values()) : List.of(Place.MEMORY, Place.FULL)) {
            for (int inFlight : IN_FLIGHT) {
                Path directory = Files.createTempDirectory("plinth-bench");
                shapes.add(new Shape(
                        place.title() + ", " + inFlight + " in flight",
                        METRICS,
                        List.of(
                                new Pooled("JDBC client", place, directory, inFlight),
                                new Pooled("Plinth", place, directory, inFlight),
                                new Direct(place, directory))));
            }
        }
        return shapes;
    }

    private String sql(String placeholder) {
        return inserts
                ? "INSERT INTO note (text) VALUES (" + placeholder + ")"
                : "SELECT name FROM item WHERE id = " + placeholder;
    }

    private static int anyKey() {
        return 1 + ThreadLocalRandom.current().nextInt(1000);
    }

    /** A pool under a load of so many statements at any time. */
    private final class Pooled implements Contender {

        private final String name;
        private final Place place;
        private final Path directory;
        private final int inFlight;
        private final Latencies latencies = new Latencies();
        private final List<Load.Worker> workers = new ArrayList<>();
        private @Nullable Vertx vertx;
        private @Nullable Clients<Pool> clients;

        Pooled(String name, Place place, Path directory, int inFlight) {
            this.name = name;
            this.place = place;
            this.directory = directory;
            this.inFlight = inFlight;
        }

        @Override
        public String name() {
            return name;
        }

        private boolean isPlinth() {
            return name.equals("Plinth");
        }

        @Override
        public void open() {
            Vertx created = Vertx.vertx();
            vertx = created;
            Path file = directory.resolve(isPlinth() ? "plinth.sqlite" : "client.sqlite");
            Clients<Pool> opened =
                    isPlinth() ? SqliteFiles.plinth(created, place, file) : SqliteFiles.client(created, place, file);
            clients = opened;
            String sql = sql(isPlinth() ? "$1" : "?");
            Context context = ((VertxInternal) created).createEventLoopContext();
            Promise<Object> tables = Promise.promise();
            context.runOnContext(
                    now -> SqliteFiles.create(opened.of(0)).<Object>mapEmpty().onComplete(tables));
            tables.future().await();
            for (int i = 0; i < inFlight; i++) {
                workers.add(new Load.Worker(context, () -> next(opened.of(0), sql)));
            }
        }

        private Future<?> next(Pool pool, String sql) {
            long start = System.nanoTime();
            Future<?> done = inserts
                    ? pool.preparedQuery(sql).execute(Tuple.of("a text of usual length"))
                    : pool.preparedQuery(sql).execute(Tuple.of(anyKey())).map(rows -> Tables.check(rows, "p0"));
            return done.onSuccess(result -> latencies.add(System.nanoTime() - start));
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            latencies.clear();
            double perSecond = Load.perSecond(workers, time);
            return new double[] {perSecond, latencies.percentile(50), latencies.percentile(99)};
        }

        @Override
        public void close() {
            if (clients != null) {
                clients.close();
            }
            Objects.requireNonNull(vertx).close().await();
        }
    }

    /** The driver without anything before it. */
    private final class Direct implements Contender {

        private final Place place;
        private final Path directory;
        private final Latencies latencies = new Latencies();
        private @Nullable Connection connection;
        private @Nullable PreparedStatement statement;

        Direct(Place place, Path directory) {
            this.place = place;
            this.directory = directory;
        }

        @Override
        public String name() {
            return "sqlite-jdbc";
        }

        @Override
        public void open() throws SQLException {
            Connection opened = SqliteFiles.connect(place, directory.resolve("direct.sqlite"));
            connection = opened;
            statement = opened.prepareStatement(sql("?"));
        }

        @Override
        public double[] measure(Duration time) throws SQLException {
            latencies.clear();
            long start = System.nanoTime();
            long now = start;
            while (now - start < time.toNanos()) {
                run(Objects.requireNonNull(statement));
                long ended = System.nanoTime();
                latencies.add(ended - now);
                now = ended;
            }
            double seconds = (now - start) / 1e9;
            return new double[] {latencies.count() / seconds, latencies.percentile(50), latencies.percentile(99)};
        }

        private void run(PreparedStatement prepared) throws SQLException {
            if (inserts) {
                prepared.setString(1, "a text of usual length");
                prepared.executeUpdate();
                return;
            }
            prepared.setInt(1, anyKey());
            try (ResultSet rows = prepared.executeQuery()) {
                if (!rows.next() || !rows.getString(1).equals("p0")) {
                    throw new IllegalStateException("not the row that was asked for");
                }
            }
        }

        @Override
        public void close() throws SQLException {
            if (connection != null) {
                connection.close();
            }
        }
    }
}
