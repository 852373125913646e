package dev.plinth.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build. */
final class Version {

    private Version() {}

    static String number() {
        try (InputStream in = Version.class.getResourceAsStream("/dev/plinth/runtime/version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code --version} prints. */
    static final class Provider implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {
                "plinth " + number() + " (Java " + Runtime.version() + ", " + System.getProperty("os.name") + ")"
            };
        }
    }
}
