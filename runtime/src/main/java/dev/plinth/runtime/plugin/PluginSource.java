package dev.plinth.runtime.plugin;

import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Reads the files of one plugin jar, or of a directory of classes. Blocks. */
final class PluginSource implements Closeable {

    private static final String MIGRATIONS = "db/migration";
    private static final String SCHEMA = "plinth-config.schema.json";

    private final Path root;
    private final Optional<FileSystem> jar;

    private PluginSource(Path root, Optional<FileSystem> jar) {
        this.root = root;
        this.jar = jar;
    }

    static PluginSource open(Path location) throws IOException {
        if (Files.isDirectory(location)) {
            return new PluginSource(location, Optional.empty());
        }
        FileSystem jar = FileSystems.newFileSystem(location);
        return new PluginSource(jar.getPath("/"), Optional.of(jar));
    }

    /** Where a class on the class path came from. */
    static Optional<Path> locationOf(Class<?> type) {
        return Optional.ofNullable(type.getProtectionDomain().getCodeSource())
                .flatMap(source -> Optional.ofNullable(source.getLocation()))
                .map(PluginSource::toPath);
    }

    /** The files under {@code db/migration/<pluginId>} when there is such a directory, else those under {@code db/migration}. */
    List<MigrationFile> migrations(String pluginId) throws IOException {
        Path common = root.resolve(MIGRATIONS);
        Path own = common.resolve(pluginId);
        Path directory = Files.isDirectory(own) ? own : common;
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            return readAll(sorted);
        }
    }

    Optional<String> configSchema() throws IOException {
        return text(SCHEMA);
    }

    Optional<JarDescriptor> descriptor() throws IOException {
        return text(JarDescriptor.FILE).map(JarDescriptor::parse);
    }

    Optional<String> text(String file) throws IOException {
        Path path = root.resolve(file);
        return Files.isRegularFile(path) ? Optional.of(Files.readString(path)) : Optional.empty();
    }

    /** The manifest's {@code Implementation-Version}; empty when there is none. */
    String version() throws IOException {
        Path manifest = root.resolve("META-INF/MANIFEST.MF");
        if (!Files.isRegularFile(manifest)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(manifest)) {
            String version = new Manifest(in).getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
            return Objects.requireNonNullElse(version, "");
        }
    }

    @Override
    public void close() throws IOException {
        if (jar.isPresent()) {
            jar.get().close();
        }
    }

    private static List<MigrationFile> readAll(List<Path> files) throws IOException {
        List<MigrationFile> migrations = new ArrayList<>();
        for (Path file : files) {
            migrations.add(new MigrationFile(file.getFileName().toString(), Files.readString(file)));
        }
        return migrations;
    }

    private static Path toPath(URL url) {
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("class path entry is no file: " + url, e);
        }
    }
}
