package dev.plinth.runtime.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Looks into jars one after the other, on a thread that is left behind when the code of one takes long. Used by one thread. */
final class JarReader implements AutoCloseable {

    /** Those that take longer are passed by the others. */
    private static final Duration QUICK = Duration.ofMillis(250);

    private final JarReading.Look look;
    private @Nullable ExecutorService lane;

    JarReader(JarReading.Look look) {
        this.look = look;
    }

    /** Begins; waits for a moment, as most have ended then. */
    JarReading begin(Path jar) {
        JarReading reading = beginBeside(jar);
        if (!reading.isDoneAt(QUICK)) {
            close();
        }
        return reading;
    }

    /** Begins, and does not wait. */
    JarReading beginBeside(Path jar) {
        JarReading reading = new JarReading(jar);
        if (lane == null) {
            lane = Executors.newSingleThreadExecutor(JarReader::thread);
        }
        lane.execute(() -> reading.run(look));
        return reading;
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "plinth-plugin-jar");
        thread.setDaemon(true);
        return thread;
    }

    /** The thread ends with what it is doing. */
    @Override
    public void close() {
        if (lane != null) {
            lane.shutdown();
            lane = null;
        }
    }
}
