package dev.plinth.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Pool;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Short statements with slow ones among them. */
final class MixedLoad implements Benchmark {

    private static final String SLOW = "SELECT pg_sleep(0.1)";
    private static final int IN_FLIGHT = 32;
    private static final int SLOW_ONE_IN = 20;

    private static final List<Metric> METRICS = List.of(
            new Metric("ms, p50 of the short", false),
            new Metric("ms, p99 of the short", false),
            new Metric("short statements/s", true));

    @Override
    public String name() {
        return "mixed-load";
    }

    @Override
    public String title() {
        return "Short statements beside slow ones";
    }

    @Override
    public String explanation() {
        return """
        One plugin with 32 operations in flight, of which every twentieth is a statement of 100 ms; the others are SELECTs by key.
        Beside the plain pool of Vert.x with as many connections. Latencies are those of the short statements, and less is better.

        Who asks waits for each answer before the next question, so there are 19 short statements for each slow one, and no more of
        them than slow ones end. Plinth keeps a quarter of the connections from slow statements, for the short ones to get through:
        of 4 connections 3 give at most 30 slow statements and 570 short ones a second, where 4 would give 760. That is the price of
        these latencies.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) throws SQLException {
        Postgres server = setup.postgres();
        Tables.inSchemas(server, 1);
        List<Shape> shapes = new ArrayList<>();
        for (int connections : List.of(4, 10)) {
            shapes.add(new Shape(
                    connections + " connections",
                    METRICS,
                    List.of(
                            new Mixed("plain pool", vertx -> Clients.plain(vertx, server, connections)),
                            new Mixed(
                                    "Plinth", vertx -> Clients.schemas(vertx, server, 1, connections, connections)))));
        }
        return shapes;
    }

    private static final class Mixed implements Contender {

        private final String name;
        private final Function<Vertx, Clients<Pool>> opener;
        private final Latencies shorts = new Latencies();
        private final List<Load.Worker> workers = new ArrayList<>();
        private int number;
        private @Nullable Vertx vertx;
        private @Nullable Clients<Pool> clients;

        Mixed(String name, Function<Vertx, Clients<Pool>> opener) {
            this.name = name;
            this.opener = opener;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void open() {
            Vertx created = Vertx.vertx();
            vertx = created;
            Clients<Pool> opened = opener.apply(created);
            clients = opened;
            Context context = ((VertxInternal) created).createEventLoopContext();
            for (int i = 0; i < IN_FLIGHT; i++) {
                workers.add(new Load.Worker(context, () -> next(opened.of(0))));
            }
        }

        /** All on one event loop. */
        private Future<?> next(Pool pool) {
            if (number++ % SLOW_ONE_IN == 0) {
                return pool.preparedQuery(SLOW).execute();
            }
            long start = System.nanoTime();
            return Tables.select(pool, 0).onSuccess(rows -> shorts.add(System.nanoTime() - start));
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            shorts.clear();
            long start = System.nanoTime();
            Load.perSecond(workers, time);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new double[] {shorts.percentile(50), shorts.percentile(99), shorts.count() / seconds};
        }

        @Override
        public void close() {
            if (clients != null) {
                clients.close();
            }
            Objects.requireNonNull(vertx).close().await();
        }
    }
}
