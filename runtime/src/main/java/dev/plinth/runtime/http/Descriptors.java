package dev.plinth.runtime.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files and sockets the system allows to this process. */
final class Descriptors {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+(\\d+)");
    /** For databases, files and jars. */
    private static final int OTHERS = 256;

    private Descriptors() {}

    /** At most so many connections, and never so many that none is left to open a file or a database. Reads a file of the system. */
    static int leaveRoom(int wanted) {
        try {
            Matcher limit = OPEN_FILES.matcher(Files.readString(LIMITS));
            return limit.find() ? Math.min(wanted, room(Long.parseLong(limit.group(1)))) : wanted;
        } catch (IOException notLinux) {
            return wanted;
        }
    }

    private static int room(long files) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(files / 2, files - OTHERS));
    }
}
