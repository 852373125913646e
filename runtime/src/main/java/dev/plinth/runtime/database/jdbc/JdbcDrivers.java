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
import java.sql.Driver;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The drivers in the directories that settings name, each directory in a class loader of its own. Reads files. */
final class JdbcDrivers {

    private final Map<Path, URLClassLoader> loaders = new ConcurrentHashMap<>();

    /** @throws DatabaseUnavailableException when no driver there knows the URL */
    Driver find(JdbcSettings settings) throws SQLException {
        Path directory = settings.driverDirectory();
        List<Path> jars = jars(directory);
        if (!jars.isEmpty()) {
            ClassLoader loader = loaders.computeIfAbsent(directory, path -> load(jars));
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

    private static List<Path> jars(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sees the JDK and these jars, and nothing of ours. */
    private static URLClassLoader load(List<Path> jars) {
        URL[] urls = jars.stream().map(JdbcDrivers::url).toArray(URL[]::new);
        return new URLClassLoader("jdbc-drivers", urls, ClassLoader.getPlatformClassLoader());
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
