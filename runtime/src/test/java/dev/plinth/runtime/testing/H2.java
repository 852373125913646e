package dev.plinth.runtime.testing;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A database with a JDBC driver that Plinth does not bring. */
public final class H2 {

    private H2() {}

    /** Puts the driver's jar into this directory, as an operator would. */
    public static Path installDriver(Path directory) throws IOException {
        try {
            Path jar = Path.of(org.h2.Driver.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Files.createDirectories(directory);
            Files.copy(jar, directory.resolve("h2.jar"));
            return directory;
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }
}
