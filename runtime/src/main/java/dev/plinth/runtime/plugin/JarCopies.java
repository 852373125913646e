package dev.plinth.runtime.plugin;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of plugin jars in a directory of this process, from which classes are loaded: they stay as they are while somebody writes
 * over the originals. A lock tells the directories of living processes from those of killed ones.
 * Blocks; thread-safe.
 */
final class JarCopies implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(JarCopies.class);
    private static final String PREFIX = "plinth-jars-";
    private static final String LOCK = "lock";

    private final Path parent;
    private final AtomicLong count = new AtomicLong();
    private @Nullable Path directory;
    private @Nullable FileChannel lock;

    /** With the directory for temporary files. Nothing is made before the first copy. */
    JarCopies(Path parent) {
        this.parent = parent;
    }

    /** Makes a file with the same name and content. */
    Path copy(Path jar) throws IOException {
        Path place = Files.createDirectory(directory().resolve(String.valueOf(count.incrementAndGet())));
        return Files.copy(jar, place.resolve(jar.getFileName().toString()));
    }

    private synchronized Path directory() throws IOException {
        Path made = directory;
        if (made == null) {
            made = Files.createTempDirectory(parent, PREFIX);
            while (!isClaimed(made)) {
                made = Files.createTempDirectory(parent, PREFIX);
            }
            directory = made;
        }
        return made;
    }

    /** Not when another process, which starts at the same moment, took it for abandoned before it was locked. */
    private boolean isClaimed(Path made) throws IOException {
        Path file = made.resolve(LOCK);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.lock();
        if (Files.exists(file)) {
            lock = channel;
            return true;
        }
        channel.close();
        return false;
    }

    /** Removes what killed processes left. Takes long where others have left a lot beside it. */
    synchronized void removeAbandoned() throws IOException {
        // Not its own: to close a file ends all locks on it that this process has.
        try (DirectoryStream<Path> others = Files.newDirectoryStream(
                parent, path -> path.getFileName().toString().startsWith(PREFIX) && !path.equals(directory))) {
            for (Path other : others) {
                removeIfAbandoned(other);
            }
        }
    }

    /** Under its lock: its owner may be just about to take it. */
    private static void removeIfAbandoned(Path other) {
        try (FileChannel channel = FileChannel.open(other.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            if (free != null) {
                delete(other);
            }
        } catch (IOException | RuntimeException notOurs) {
            LOG.debug("{} is another user's, or just being made, or of this very process", other);
        }
    }

    /** Of one jar, when it is not needed any more. */
    static void remove(Path copy) {
        Path place = copy.getParent();
        if (place != null) {
            delete(place);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
        if (directory != null) {
            delete(directory);
        }
        directory = null;
    }

    private static void delete(Path directory) {
        try (Stream<Path> below = Files.walk(directory)) {
            for (Path path : below.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debug("cannot remove {}", directory, e);
        }
    }
}
