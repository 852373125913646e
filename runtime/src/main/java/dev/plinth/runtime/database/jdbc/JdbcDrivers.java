package dev.plinth.runtime.database.jdbc;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.JdbcSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The drivers in the directories that settings name, each directory in a class loader of its own. Reads files. */
final class JdbcDrivers {

    /** What was loaded from which jars: one that came or changed since is loaded for the connections to come. */
    private final Map<List<Jar>, URLClassLoader> loaders = new ConcurrentHashMap<>();

    /** A jar as it was when it was loaded. */
    private record Jar(Path path, FileTime changed, long size) {

        static Jar of(Path path) {
            try {
                return new Jar(path, Files.getLastModifiedTime(path), Files.size(path));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        URL url() {
            try {
                return path.toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** @throws DatabaseUnavailableException when no driver there knows the URL */
    Driver find(JdbcSettings settings) throws SQLException {
        Path directory = settings.driverDirectory();
        List<Jar> jars = jars(directory);
        if (!jars.isEmpty()) {
            ClassLoader loader = loaders.computeIfAbsent(jars, JdbcDrivers::load);
            for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
                if (driver.acceptsURL(settings.url().reveal())) {
                    return driver;
                }
            }
        }
        throw new DatabaseUnavailableException("plugin '" + settings.pluginId() + "': no JDBC driver for "
                + settings.location() + " in " + directory + " (" + jars.size()
                + (jars.size() == 1 ? " jar" : " jars")
                + "); put the driver's jar there, or set backend.database.driverDirectory");
    }

    private static List<Jar> jars(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .map(Jar::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sees the JDK and these jars, and nothing of ours. */
    private static URLClassLoader load(List<Jar> jars) {
        URL[] urls = jars.stream().map(Jar::url).toArray(URL[]::new);
        return new URLClassLoader("jdbc-drivers", urls, ClassLoader.getPlatformClassLoader());
    }

    /** To be called when no connection is left. */
    void close() {
        loaders.values().forEach(loader -> {
            try {
                loader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
