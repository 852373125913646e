package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugins from the class path and from jars, for as long as the backend runs. The jars' classes come from copies.
 * Thread-safe.
 */
public final class PluginLoader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PluginLoader.class);

    /** For the code of a jar, before a start goes on without it. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final ClassLoader classPath;
    private final List<Path> directories;
    private final JarCopies copies;
    private final Map<Path, JarStamp> stamps = new ConcurrentHashMap<>();
    private final List<JarReading> unfinished = new CopyOnWriteArrayList<>();

    /**
     * @param classPath the runtime's class loader
     * @param directories of jars, in order; one that does not exist is skipped
     * @param temporary where copies of jars may be put
     */
    public PluginLoader(ClassLoader classPath, List<Path> directories, Path temporary) {
        this.classPath = classPath;
        this.directories = List.copyOf(directories);
        this.copies = new JarCopies(temporary);
    }

    /**
     * Begins to look for all plugins that are there. Runs their constructors, but starts none. Jars whose code takes longer than a
     * moment are {@link #unfinished}, and the others need not wait for them.
     *
     * @param checksums that jars must have, by plugin id in lower case
     * @return waits for what is found
     */
    public Supplier<Discovery> discover(Map<String, String> checksums) {
        PluginFinder finder = new PluginFinder(classPath, checksums, Optional.of(copies));
        List<JarReading> readings = new ArrayList<>();
        try (JarReader reader = new JarReader((jar, reading) -> search(jar, checksums, reading))) {
            for (Path directory : directories) {
                finder.jarsIn(directory).forEach(jar -> {
                    JarStamp.of(jar).ifPresent(stamp -> stamps.put(jar, stamp));
                    readings.add(reader.begin(jar));
                });
            }
        }
        finder.searchClassPath();
        return () -> await(readings, finder);
    }

    private Discovery await(List<JarReading> readings, PluginFinder finder) {
        readings.forEach(reading -> finder.add(reading, MOMENT, slow -> {
            unfinished.add(slow);
            finder.add(Problem.warning(
                    "slow-plugin",
                    "",
                    slow.jar().toString(),
                    slow.slowness(),
                    "the backend starts without it, and takes it when it has"));
        }));
        return finder.result();
    }

    /** Jars whose code had not returned when the others were found. */
    List<JarReading> unfinished() {
        return unfinished;
    }

    /** Begins to look into one jar, all of which must be readable. Does not block. */
    JarReading read(Path jar, Map<String, String> checksums) {
        try (JarReader reader = new JarReader((file, reading) -> {
            JarGuard.verify(file);
            return search(file, checksums, reading);
        })) {
            return reader.begin(jar);
        }
    }

    private Discovery search(Path jar, Map<String, String> checksums, JarReading reading) {
        PluginFinder finder = new PluginFinder(classPath, checksums, Optional.of(copies));
        finder.searchJar(jar, reading);
        return finder.result();
    }

    List<Path> directories() {
        return directories;
    }

    /** The jars as they were when they were looked into first. */
    Map<Path, JarStamp> stamps() {
        return stamps;
    }

    /** Removes copies that processes made which were killed. */
    void removeAbandonedCopies() {
        try {
            copies.removeAbandoned();
        } catch (IOException e) {
            LOG.debug("cannot remove the copies that killed processes left", e);
        }
    }

    /** Removes the copies. */
    @Override
    public void close() {
        try {
            copies.close();
        } catch (IOException e) {
            LOG.debug("cannot remove the copies of jars", e);
        }
    }
}
