package dev.plinth.runtime.database.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/** SQLite's native library outside of the jar, from which each start would have to unpack it. */
public final class SqliteLibrary {

    private static final String DIRECTORY = "org.sqlite.lib.path";
    private static final String NAME = "org.sqlite.lib.name";
    private static final String PREFIX = "plinth-sqlite-";
    /** Where the driver unpacks it otherwise. */
    private static final String UNPACKED = "org.sqlite.tmpdir";

    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

    private SqliteLibrary() {}

    /**
     * Unpacks it into a directory, under the name of its version.
     *
     * @return the system properties by which a start finds it, as {@code name=value}; none where this system has no library
     */
    public static List<String> unpack(Path directory) throws IOException {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (library == null) {
                return List.of();
            }
            // One that is in use stays whole for those who use it.
            Path beside = Files.createTempFile(directory, "plinth", ".tmp");
            Files.copy(library, beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, directory.resolve(fileName()), StandardCopyOption.ATOMIC_MOVE);
            return List.of(DIRECTORY + "=" + directory, NAME + "=" + fileName());
        }
    }

    /** Forgets one that was unpacked from another jar, whose code it may not fit. Before SQLite is used first. */
    static void forgetOthers() {
        String name = System.getProperty(NAME, "");
        if (name.startsWith(PREFIX) && !name.equals(fileName())) {
            System.clearProperty(DIRECTORY);
            System.clearProperty(NAME);
        }
    }

    /** Loads it, once in a process. What goes wrong is told by whoever opens a database. */
    static void load() {
        LOG.trace("SQLite's library was {}", Loaded.HOW);
    }

    private static final class Loaded {

        static final String HOW = System.getProperty(DIRECTORY) == null && System.getProperty(UNPACKED) == null
                ? loadAndRemove()
                : "left to the driver";
    }

    /** Its file is not needed once it is loaded, and would stay behind when the process is killed or ends by halt. */
    private static String loadAndRemove() {
        try {
            Path directory = Files.createTempDirectory("plinth-sqlite");
            System.setProperty(UNPACKED, directory.toString());
            try {
                SQLiteJDBCLoader.initialize();
            } finally {
                System.clearProperty(UNPACKED);
                remove(directory);
            }
            return "loaded";
        } catch (Exception e) {
            LOG.debug("SQLite's library cannot be loaded, or its file in use cannot be removed", e);
            return "not loaded";
        }
    }

    private static void remove(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static String fileName() {
        return PREFIX + SQLiteJDBCLoader.getVersion() + "-" + LibraryLoaderUtil.getNativeLibName();
    }
}
