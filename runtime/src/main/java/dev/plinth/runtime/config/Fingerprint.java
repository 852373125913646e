package dev.plinth.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What a change of some files would change. Symbolic links are followed, as a mounted secret is replaced behind one. */
record Fingerprint(Map<Path, String> files) {

    static final Fingerprint NONE = new Fingerprint(Map.of());

    static Fingerprint of(Set<Path> paths) {
        Map<Path, String> files = new HashMap<>();
        paths.forEach(path -> files.put(path, of(path)));
        return new Fingerprint(files);
    }

    private static String of(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException e) {
            // Not there, or not for us to read: either may change.
            return e.getClass().getSimpleName();
        }
    }
}
