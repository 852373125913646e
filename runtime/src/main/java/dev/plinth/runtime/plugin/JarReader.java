package dev.plinth.runtime.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks into jars, two at a time, on threads that are left behind when the code of one takes long. Used by one thread. */
final class JarReader implements AutoCloseable {

    /** Those that take longer are passed by the others. */
    private static final Duration QUICK = Duration.ofMillis(250);

    /** What they do is computing, for the most part, and the machine has other things to do. */
    private static final int LANES = 2;

    private final JarReading.Look look;
    private final List<Lane> lanes = Stream.generate(Lane::new).limit(LANES).toList();
    private int turn;

    JarReader(JarReading.Look look) {
        this.look = look;
    }

    /** Begins; may wait for a moment for one before it, as most have ended then. */
    JarReading begin(Path jar) {
        turn = (turn + 1) % LANES;
        return lanes.get(turn).begin(jar);
    }

    /** The threads end with what they are doing. */
    @Override
    public void close() {
        lanes.forEach(Lane::close);
    }

    /** Reads one jar after the other. */
    private final class Lane {

        private @Nullable ExecutorService thread;
        private @Nullable JarReading last;

        JarReading begin(Path jar) {
            if (last != null && !last.isDoneAt(QUICK)) {
                close();
            }
            if (thread == null) {
                thread = Executors.newSingleThreadExecutor(Lane::thread);
            }
            JarReading reading = new JarReading(jar);
            last = reading;
            thread.execute(() -> reading.run(look));
            return reading;
        }

        private static Thread thread(Runnable task) {
            Thread thread = new Thread(task, "plinth-plugin-jar");
            thread.setDaemon(true);
            return thread;
        }

        void close() {
            if (thread != null) {
                thread.shutdown();
                thread = null;
            }
        }
    }
}
