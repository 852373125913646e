package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.RetryableException;
import dev.plinth.runtime.database.SqliteSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A database's file: made for its owner alone, and held by one process at a time. */
final class DatabaseFile {

    /** Bytes that even a database of one small table takes, with its log. */
    private static final long SMALLEST = 64 * 1024;

    /** A file that has not been written to for so long is taken to be whole. */
    private static final Duration SETTLES = Duration.ofSeconds(1);

    static final FileAttribute<?> OWNER_ONLY_DIRECTORY = permissions("rwx------");
    static final FileAttribute<?> OWNER_ONLY_FILE = permissions("rw-------");

    private final String pluginId;
    private final Path path;
    private final boolean createsDirectory;
    private @Nullable Object key;

    DatabaseFile(SqliteSettings settings, Path path) {
        this.pluginId = settings.pluginId();
        this.path = path.toAbsolutePath().normalize();
        this.createsDirectory = settings.createsDirectory();
    }

    private static FileAttribute<?> permissions(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** As SQLite opens it: a URI, in which no character of the path can be taken for a setting. */
    String uri() {
        return path.toUri().toString();
    }

    Path path() {
        return path;
    }

    /**
     * Makes directory and file where they are missing; later only looks for the file, as an empty one in place of one that was
     * lost would hide the loss.
     */
    void prepare() {
        if (key == null) {
            create();
        } else if (!Files.exists(path)) {
            throw missing();
        }
        key = readKey();
        attempt(this::freeJournals);
    }

    /** Those that SQLite made while the file could not be written are as it was then: with them, it still could not be. */
    private void freeJournals() throws IOException {
        if (!Files.isWritable(path)) {
            return;
        }
        for (String suffix : List.of("-wal", "-shm")) {
            Path journal = Path.of(path + suffix);
            if (Files.exists(journal) && !Files.isWritable(journal)) {
                Files.setPosixFilePermissions(journal, Files.getPosixFilePermissions(path));
            }
        }
    }

    /** Fails when the file is no longer the one that was opened. */
    void check() {
        if (!Objects.equals(key, readKey())) {
            throw missing();
        }
    }

    /** What tells this file, and what is in it, from what was there before; null when there is none. */
    @Nullable
    Stamp stamp() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        } catch (IOException e) {
            return null;
        }
    }

    /** What changes when a file is replaced, or written to. */
    record Stamp(@Nullable Object key, long size, FileTime modified) {

        /** Whether it may still be being written, as by a copy that is under way. */
        boolean isFresh() {
            return Math.abs(System.currentTimeMillis() - modified.toMillis()) < SETTLES.toMillis();
        }
    }

    /** What tells this file from another of the same name; null when there is none. */
    private @Nullable Object readKey() {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private DatabaseUnavailableException missing() {
        return new RetryableException(
                "plugin '" + pluginId + "': " + path + " was removed or replaced while in use: put it back, or restart"
                        + " to begin with what is there",
                new NoSuchFileException(path.toString()));
    }

    private void create() {
        attempt(() -> {
            createDirectory();
            createFile();
        });
    }

    /** Fails with what would keep it from being made; makes nothing. */
    void checkCanBeMade() {
        attempt(() -> {
            Path directory = Objects.requireNonNull(path.getParent());
            if (!createsDirectory && !Files.isDirectory(directory)) {
                throw new FileSystemException(directory.toString(), null, "no such directory: " + directory);
            }
            Path there = directory;
            while (!Files.exists(there)) {
                there = Objects.requireNonNull(there.getParent());
            }
            if (!Files.isDirectory(there)) {
                throw new FileAlreadyExistsException(there.toString());
            }
            if (!Files.isWritable(there)) {
                throw new AccessDeniedException(there.toString());
            }
            if (Files.getFileStore(there).getUsableSpace() < SMALLEST) {
                throw unavailable("the disk is full", "make room on it", new IOException(there.toString()));
            }
        });
    }

    private interface FileWork {

        void run() throws IOException;
    }

    private void attempt(FileWork work) {
        try {
            work.run();
        } catch (AccessDeniedException e) {
            throw unavailable("permission denied: " + e.getFile(), "give the runtime's user write access to it", e);
        } catch (FileSystemException e) {
            throw unavailable(reason(e), "see that its directory exists, is a directory and can be written to", e);
        } catch (IOException e) {
            throw unavailable(String.valueOf(e.getMessage()), "see that its directory can be written to", e);
        }
    }

    private void createDirectory() throws IOException {
        Path directory = path.getParent();
        if (directory == null || Files.isDirectory(directory)) {
            return;
        }
        if (!createsDirectory) {
            throw new FileSystemException(directory.toString(), null, "no such directory: " + directory);
        }
        Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
    }

    /** SQLite gives its journals the same permissions. */
    private void createFile() throws IOException {
        try {
            Files.createFile(path, OWNER_ONLY_FILE);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(path)) {
                throw new FileSystemException(path.toString(), null, "it is a directory");
            }
        }
    }

    /**
     * Takes the file for this process. The system frees the lock when the process ends, however it ends; the lock file itself
     * stays.
     */
    Held hold() {
        Path lockFile = lockFile();
        FileChannel channel = openLockFile(lockFile);
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, false);
            if (lock == null) {
                throw inUse(lockFile, "another process" + owner(channel));
            }
            writeOwner(channel);
            return new Held(channel);
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel, e);
            throw inUse(lockFile, "this process, through another runtime");
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw unavailable(
                    "cannot lock " + lockFile + ": " + e.getMessage(),
                    "make room on the disk if it is full, else use a file system with locks",
                    e);
        } catch (RetryableException e) {
            closeQuietly(channel, e);
            throw e;
        }
    }

    private Path lockFile() {
        return path.resolveSibling(path.getFileName() + ".lock");
    }

    private FileChannel openLockFile(Path lockFile) {
        try {
            return FileChannel.open(
                    lockFile,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw unavailable(
                    reason(e) + ", for its lock file " + lockFile.getFileName(),
                    "give the runtime's user write access to the directory and to this file",
                    e);
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        channel.read(buffer, 0);
        String processId = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
        return processId.isEmpty() ? "" : " (process " + processId + ")";
    }

    private static void writeOwner(FileChannel channel) throws IOException {
        byte[] processId = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(processId), 0);
    }

    private static void closeQuietly(FileChannel channel, Exception cause) {
        try {
            channel.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private RetryableException inUse(Path lockFile, String by) {
        return new RetryableException(
                "plugin '" + pluginId + "': " + path + " is in use by " + by
                        + ": stop it, or give this instance a directory of its own (lock file " + lockFile + ")",
                new IllegalStateException("locked"));
    }

    DatabaseUnavailableException unavailable(String what, String remedy, Throwable cause) {
        return new DatabaseUnavailableException(
                "plugin '" + pluginId + "': cannot open " + path + ": " + what + "; " + remedy, cause);
    }

    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException taken) {
            return taken.getReason() != null ? taken.getReason() : taken.getFile() + " is not a directory";
        }
        @Nullable String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    /** The right to use the file. */
    static final class Held {

        private final FileChannel channel;

        private Held(FileChannel channel) {
            this.channel = channel;
        }

        void release() throws IOException {
            channel.close();
        }
    }
}
