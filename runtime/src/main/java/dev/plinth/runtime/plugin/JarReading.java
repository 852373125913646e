package dev.plinth.runtime.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One jar that is being looked into. That runs code of its plugins, constructors and static initialisers, which may never return.
 * Thread-safe.
 */
final class JarReading {

    private final Path jar;
    private final long begin = System.nanoTime();
    private final CompletableFuture<Discovery> result = new CompletableFuture<>();
    private volatile Set<String> pluginIds = Set.of();
    private volatile @Nullable Thread thread;

    JarReading(Path jar) {
        this.jar = jar;
    }

    /** What looks into a jar. */
    interface Look {

        Discovery into(Path jar, JarReading reading) throws Exception;
    }

    /** Looks, on this thread. What comes too late is closed. */
    void run(Look look) {
        thread = Thread.currentThread();
        try {
            Discovery found = look.into(jar, this);
            thread = null;
            if (!result.complete(found)) {
                found.close();
            }
        } catch (Throwable e) {
            // Whatever it is, whoever waits must hear of it.
            thread = null;
            result.completeExceptionally(e);
        }
    }

    /** The plugins are known by a descriptor before their code is run. */
    void name(Set<String> ids) {
        pluginIds = Set.copyOf(ids);
    }

    Path jar() {
        return jar;
    }

    /** Those that are known so far. */
    Set<String> pluginIds() {
        return pluginIds;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Fails with what kept the jar from being looked into. */
    CompletionStage<Discovery> result() {
        return result;
    }

    /** Waits until this old. Whether it has ended then. */
    boolean isDoneAt(Duration age) {
        try {
            result.get(Math.max(0, age.minus(age()).toNanos()), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Nobody waits for it any more. Its thread is asked to end; code that computes does not hear that. */
    void giveUp(RuntimeException why) {
        Thread running = thread;
        if (result.completeExceptionally(why) && running != null) {
            running.interrupt();
        }
    }

    /** That it takes so long, and where its code is. */
    String slowness() {
        return "its code has not returned within " + age().toMillis() + " ms"
                + where().map(frame -> ": it is at " + frame).orElse("");
    }

    /** The innermost frame of the jar's code. */
    private Optional<String> where() {
        Thread running = thread;
        return running == null
                ? Optional.empty()
                : Arrays.stream(running.getStackTrace())
                        .filter(frame -> String.valueOf(frame.getClassLoaderName())
                                .startsWith(jar.getFileName().toString()))
                        .findFirst()
                        .map(StackTraceElement::toString);
    }
}
