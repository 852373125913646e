package dev.plinth.example.catalog;

import dev.plinth.plugin.ConfigurationException;
import dev.plinth.plugin.PluginConfig;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files and directories of {@code catalog.locations}. Of a directory count the files that end in {@code .yaml} or {@code .yml},
 * however deep, but not below a directory whose name starts with a dot.
 */
record Locations(List<Path> targets) {

    private static final int MAX_FILE_SIZE = 4 * 1024 * 1024;

    /** @throws ConfigurationException for a location that is not a file */
    static Locations of(PluginConfig config) {
        return new Locations(config.getConfigs("locations", "target").stream()
                .map(Locations::target)
                .toList());
    }

    private static Path target(PluginConfig location) {
        String target = location.getString("target");
        String type = location.getString("type", "file");
        if (!type.equals("file")) {
            throw new ConfigurationException("catalog.locations: \"" + target + "\" has the type \"" + type
                    + "\", but only locations of the type \"file\" can be read");
        }
        return Path.of(target).normalize();
    }

    /** All descriptor files, each once, in the order of the locations. Blocks. */
    List<Path> files() {
        Map<Path, Path> files = new LinkedHashMap<>();
        targets.stream()
                .flatMap(target -> filesBelow(target).stream())
                .forEach(file -> files.putIfAbsent(file.toAbsolutePath().normalize(), file));
        return List.copyOf(files.values());
    }

    /** The content of a descriptor file. Blocks. */
    static byte[] read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (Files.isRegularFile(file) && Files.size(file) > MAX_FILE_SIZE) {
            throw new IOException("larger than " + MAX_FILE_SIZE + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /** The name by which the catalog knows a file. */
    static String name(Path file) {
        return file.toString().replace('\\', '/');
    }

    private static List<Path> filesBelow(Path target) {
        if (!Files.isDirectory(target)) {
            return List.of(target);
        }
        Walk walk = new Walk(target);
        try {
            Files.walkFileTree(target, walk);
        } catch (IOException e) {
            walk.files.add(target);
        }
        return walk.files;
    }

    /** What cannot be looked into is taken for a file, so that reading it says why. */
    private static final class Walk extends SimpleFileVisitor<Path> {

        private final Path target;
        private final List<Path> files = new ArrayList<>();

        Walk(Path target) {
            this.target = target;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            boolean hidden = !directory.equals(target)
                    && directory.getFileName().toString().startsWith(".");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if ((name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(file)) {
                files.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException cause) {
            files.add(file);
            return FileVisitResult.CONTINUE;
        }
    }
}
