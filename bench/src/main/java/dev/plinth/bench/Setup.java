package dev.plinth.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What benchmarks use in common. What costs time to have is made at its first use. Used by one thread. */
final class Setup implements AutoCloseable {

    private final Path root;
    private @Nullable Postgres postgres;

    /** @param root of the checkout */
    Setup(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** The server that all benchmarks share. */
    Postgres postgres() {
        Postgres running = postgres;
        if (running == null) {
            running = Postgres.start();
            postgres = running;
        }
        return running;
    }

    @Override
    public void close() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }
}
