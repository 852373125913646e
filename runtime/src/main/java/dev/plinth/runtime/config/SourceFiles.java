package dev.plinth.runtime.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the files of one loading, each once and within bounds, and remembers which were looked for. */
final class SourceFiles {

    /** Why a file gave no text; the message does not name the file. */
    static final class FileException extends Exception {
        private final String code;
        private final String reason;

        FileException(String code, String reason) {
            super(reason, null, false, false);
            this.code = code;
            this.reason = reason;
        }

        String reason() {
            return reason;
        }

        /** Empty when the file is not there, else the code of a problem. */
        Optional<String> code() {
            return code.isEmpty() ? Optional.empty() : Optional.of(code);
        }
    }

    private final Path workingDirectory;
    private final Set<Path> seen = new LinkedHashSet<>();
    private final Map<Path, String> texts = new HashMap<>();

    SourceFiles(Path workingDirectory) {
        this.workingDirectory = workingDirectory.toAbsolutePath().normalize();
    }

    /** Every file asked for so far. */
    Set<Path> seen() {
        return seen;
    }

    Path workingDirectory() {
        return workingDirectory;
    }

    /** A path of the command line or the configuration; empty when no file can have such a name. */
    static Optional<Path> resolve(Path directory, String path) {
        try {
            return Optional.of(directory.resolve(path).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The name that a user of the working directory would write. */
    String display(Path path) {
        return path.startsWith(workingDirectory)
                ? workingDirectory.relativize(path).toString()
                : path.toString();
    }

    boolean exists(Path path) {
        seen.add(path);
        return Files.exists(path);
    }

    String read(Path path) throws FileException {
        seen.add(path);
        String text = texts.get(path);
        if (text == null) {
            text = readNow(path);
            texts.put(path, text);
        }
        return text;
    }

    private static String readNow(Path path) throws FileException {
        if (!Files.exists(path)) {
            throw new FileException("", "there is no such file");
        }
        if (!Files.isRegularFile(path)) {
            // A pipe or a device would never end.
            throw new FileException("file-unreadable", "this is not a regular file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(Limits.FILE_SIZE + 1);
            if (bytes.length > Limits.FILE_SIZE) {
                throw new FileException("too-large", "the file is larger than " + Limits.FILE_SIZE + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new FileException("parse-error", "the file is not UTF-8 text");
        } catch (AccessDeniedException e) {
            throw new FileException("file-unreadable", "this process may not read the file");
        } catch (IOException e) {
            throw new FileException("file-unreadable", "the file cannot be read: " + e.getMessage());
        }
    }
}
