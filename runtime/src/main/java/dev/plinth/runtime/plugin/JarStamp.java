package dev.plinth.runtime.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By what a jar is known to be another one than before.
 *
 * @param usable whether its rights are such that it may be taken
 */
record JarStamp(long size, long modifiedMillis, String key, boolean usable) {

    /** Written out, as Java takes long to make its own when it is asked for first. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JarStamp stamp
                && size == stamp.size
                && modifiedMillis == stamp.modifiedMillis
                && usable == stamp.usable
                && key.equals(stamp.key);
    }

    @Override
    public int hashCode() {
        return key.hashCode() + 31 * Long.hashCode(modifiedMillis) + Long.hashCode(size);
    }

    /** Empty when there is no such file. Blocks. */
    static Optional<JarStamp> of(Path jar) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(jar, BasicFileAttributes.class);
            return Optional.of(new JarStamp(
                    attributes.size(),
                    attributes.lastModifiedTime().toMillis(),
                    String.valueOf(attributes.fileKey()),
                    Files.isReadable(jar) && !JarGuard.isWritableByAll(jar)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
