package dev.plinth.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What databases cost that nobody uses. */
final class SqliteAtRest implements Benchmark {

    private static final List<Metric> METRICS =
            List.of(new Metric("threads", false), new Metric("MB resident", false), new Metric("% of a core", false));

    @Override
    public String name() {
        return "sqlite-at-rest";
    }

    @Override
    public String title() {
        return "SQLite: databases at rest";
    }

    @Override
    public String explanation() {
        return """
        Files with a table each, written and read a moment before, and idle while it is measured: what they add to the threads and
        the resident memory of a process that had opened none (each number is the difference plus 1), and the processor time of the
        whole process meanwhile. The first contender has one file.
        """;
    }

    @Override
    public List<Shape> shapes(Setup setup) {
        return List.of(new Shape("idle", METRICS, List.of(new Idle(1), new Idle(100))));
    }

    private static final class Idle implements Contender {

        private final int files;
        private final List<Pool> pools = new ArrayList<>();
        private int threads;
        private double memory;
        private @Nullable Vertx vertx;
        private @Nullable SqliteConnector connector;

        Idle(int files) {
            this.files = files;
        }

        @Override
        public String name() {
            return files == 1 ? "1 file" : files + " files";
        }

        @Override
        public void open() throws IOException {
            Path directory = Files.createTempDirectory("plinth-bench");
            Vertx created = Vertx.vertx();
            vertx = created;
            SqliteConnector opened = new SqliteConnector(created);
            connector = opened;
            open(created, opened, directory, "warm-up");
            System.gc();
            threads = Thread.getAllStackTraces().size();
            memory = resident();
            for (int i = 0; i < files; i++) {
                open(created, opened, directory, "p" + i);
            }
        }

        private void open(Vertx created, SqliteConnector opened, Path directory, String name) {
            Pool pool = SqliteFiles.plinth(created, opened, Optional.of(directory.resolve(name)));
            SqliteFiles.create(pool).await();
            Tables.select(pool, 0).await();
            Tables.insert(pool).await();
            pools.add(pool);
        }

        @Override
        public double[] measure(Duration time) throws Exception {
            System.gc();
            double more = Math.max(0, resident() - memory) + 1;
            OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long before = process.getProcessCpuTime();
            Thread.sleep(time.toMillis());
            double used = process.getProcessCpuTime() - before;
            int added = Math.max(0, Thread.getAllStackTraces().size() - threads) + 1;
            return new double[] {added, more, Math.max(0.001, 100 * used / time.toNanos())};
        }

        /** In MB. */
        private static double resident() throws IOException {
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
                String line = lines.filter(text -> text.startsWith("VmRSS:"))
                        .findFirst()
                        .orElseThrow();
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }

        @Override
        public void close() {
            if (connector != null) {
                connector.close().await();
            }
            Objects.requireNonNull(vertx).close().await();
        }
    }
}
