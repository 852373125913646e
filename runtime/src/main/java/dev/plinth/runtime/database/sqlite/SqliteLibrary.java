package dev.plinth.runtime.database.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/** SQLite's native library outside of the jar, from which each start would have to unpack it. */
public final class SqliteLibrary {

    private static final String DIRECTORY = "org.sqlite.lib.path";
    private static final String NAME = "org.sqlite.lib.name";
    private static final String PREFIX = "plinth-sqlite-";

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

    private static String fileName() {
        return PREFIX + SQLiteJDBCLoader.getVersion() + "-" + LibraryLoaderUtil.getNativeLibName();
    }
}
