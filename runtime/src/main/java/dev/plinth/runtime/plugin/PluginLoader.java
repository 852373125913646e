package dev.plinth.runtime.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads plugins from the class path and from jars, for as long as the backend runs. The jars' classes come from copies. Blocks;
 * thread-safe.
 */
public final class PluginLoader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PluginLoader.class);

    private final ClassLoader classPath;
    private final List<Path> directories;
    private final JarCopies copies;
    private final Map<Path, JarStamp> stamps = new ConcurrentHashMap<>();

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
     * Looks for all plugins that are there. Runs their constructors, but starts none.
     *
     * @param checksums that jars must have, by plugin id in lower case
     */
    public Discovery discover(Map<String, String> checksums) {
        PluginFinder finder = new PluginFinder(classPath, checksums, Optional.of(copies));
        finder.searchClassPath();
        for (Path directory : directories) {
            finder.jarsIn(directory).forEach(jar -> {
                JarStamp.of(jar).ifPresent(stamp -> stamps.put(jar, stamp));
                finder.searchJar(jar);
            });
        }
        return finder.result();
    }

    /** Looks into one jar, all of which must be readable. */
    Discovery load(Path jar, Map<String, String> checksums) throws IOException {
        JarGuard.verify(jar);
        PluginFinder finder = new PluginFinder(classPath, checksums, Optional.of(copies));
        finder.searchJar(jar);
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
