package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** PostgreSQL's password file, {@code host:port:database:user:password} a line; the first line that fits counts. */
final class PasswordFile {

    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final Optional<Path> path;

    private PasswordFile(Optional<Path> path) {
        this.path = path;
    }

    /** The file that {@code PGPASSFILE} names, or {@code ~/.pgpass}. */
    static PasswordFile of(Map<String, String> environment, Path workingDirectory) {
        String named = environment.getOrDefault("PGPASSFILE", "");
        String home = environment.getOrDefault("HOME", "");
        if (!named.isEmpty()) {
            return new PasswordFile(Optional.of(workingDirectory.resolve(named)));
        }
        return new PasswordFile(home.isEmpty() ? Optional.empty() : Optional.of(Path.of(home, ".pgpass")));
    }

    Optional<Secret> find(String name, PostgresServer server, String database, String user, Reader reader) {
        if (path.isEmpty() || !isUsable(path.get(), reader)) {
            return Optional.empty();
        }
        List<String> wanted = List.of(server.host(), String.valueOf(server.port()), database, user);
        List<String> lines = lines(path.get(), reader);
        for (int i = 0; i < lines.size(); i++) {
            Optional<String> password = passwordOf(lines.get(i), wanted);
            if (password.isPresent()) {
                reader.origin(name, path.get() + ":" + (i + 1));
                return password.map(Secret::new);
            }
        }
        return Optional.empty();
    }

    private static boolean isUsable(Path path, Reader reader) {
        if (!Files.exists(path)) {
            return false;
        }
        if (!Files.isRegularFile(path)) {
            warn(path, "the password file is not a plain file and is ignored", "", reader);
            return false;
        }
        if (isOpenToOthers(path)) {
            warn(path, "the password file is open to others and is ignored", "chmod 600 " + path, reader);
            return false;
        }
        return true;
    }

    private static boolean isOpenToOthers(Path path) {
        try {
            return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains);
        } catch (IOException | UnsupportedOperationException e) {
            // As in libpq, a file system without such permissions is trusted.
            return false;
        }
    }

    private static List<String> lines(Path path, Reader reader) {
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            warn(path, "the password file cannot be read and is ignored", "", reader);
            return List.of();
        }
    }

    private static void warn(Path path, String message, String hint, Reader reader) {
        reader.add(Problem.warning("password-file", "", path.toString(), message, hint));
    }

    private static Optional<String> passwordOf(String line, List<String> wanted) {
        if (line.startsWith("#")) {
            return Optional.empty();
        }
        List<String> fields = split(line);
        if (fields.size() < 5) {
            return Optional.empty();
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!matches(fields.get(i), wanted.get(i), i == 0)) {
                return Optional.empty();
            }
        }
        return Optional.of(unescape(fields.get(4)));
    }

    private static boolean matches(String field, String wanted, boolean host) {
        if (field.equals("*")) {
            return true;
        }
        // A socket is found under localhost too.
        return unescape(field).equals(wanted) || (host && field.equals("localhost") && wanted.startsWith("/"));
    }

    /** At colons that no backslash precedes, at most four times: a password may hold colons. */
    private static List<String> split(String line) {
        List<String> fields = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < line.length() && fields.size() < 4; i++) {
            if (line.charAt(i) == '\\') {
                i++;
            } else if (line.charAt(i) == ':') {
                fields.add(line.substring(start, i));
                start = i + 1;
            }
        }
        fields.add(line.substring(start));
        return fields;
    }

    private static String unescape(String field) {
        return field.replaceAll("\\\\(.)", "$1");
    }
}
