package dev.plinth.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads the files of one plugin jar, or of a directory of classes. Blocks. */
final class PluginSource implements Closeable {

    private static final String MIGRATIONS = "db/migration/";
    private static final String SCHEMA = "plinth-config.schema.json";

    private final Tree files;

    private PluginSource(Tree files) {
        this.files = files;
    }

    static PluginSource open(Path location) throws IOException {
        return new PluginSource(
                Files.isDirectory(location) ? new Directory(location) : new Jar(new ZipFile(location.toFile())));
    }

    /** Where a class on the class path came from. */
    static Optional<Path> locationOf(Class<?> type) {
        return Optional.ofNullable(type.getProtectionDomain().getCodeSource())
                .flatMap(source -> Optional.ofNullable(source.getLocation()))
                .map(PluginSource::toPath);
    }

    /** The files under {@code db/migration/<pluginId>} when there is such a directory, else those under {@code db/migration}. */
    List<MigrationFile> migrations(String pluginId) throws IOException {
        String own = MIGRATIONS + pluginId + "/";
        String directory = files.has(own) ? own : MIGRATIONS;
        List<MigrationFile> migrations = new ArrayList<>();
        for (String name : files.in(directory)) {
            migrations.add(new MigrationFile(name, text(directory + name).orElseThrow()));
        }
        return migrations;
    }

    Optional<String> configSchema() throws IOException {
        return text(SCHEMA);
    }

    Optional<JarDescriptor> descriptor() throws IOException {
        return text(JarDescriptor.FILE).map(JarDescriptor::parse);
    }

    Optional<String> text(String file) throws IOException {
        Optional<byte[]> bytes = files.read(file);
        // Not as new String() does it: what is no UTF-8 is refused.
        return bytes.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.get())).toString());
    }

    /** The manifest's {@code Implementation-Version}; empty when there is none. */
    String version() throws IOException {
        Optional<byte[]> manifest = files.read("META-INF/MANIFEST.MF");
        if (manifest.isEmpty()) {
            return "";
        }
        String version = new Manifest(new ByteArrayInputStream(manifest.get()))
                .getMainAttributes()
                .getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        return Objects.requireNonNullElse(version, "");
    }

    @Override
    public void close() throws IOException {
        files.close();
    }

    private static Path toPath(URL url) {
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("class path entry is no file: " + url, e);
        }
    }

    /** Names are relative to the root; those of directories end in a slash. */
    private interface Tree extends Closeable {

        boolean has(String directory);

        /** The names of the files in a directory, in order; none when there is no such directory. */
        List<String> in(String directory) throws IOException;

        /** Empty when there is no such file. */
        Optional<byte[]> read(String file) throws IOException;
    }

    private record Directory(Path root) implements Tree {

        @Override
        public boolean has(String directory) {
            return Files.isDirectory(root.resolve(directory));
        }

        @Override
        public List<String> in(String directory) throws IOException {
            if (!has(directory)) {
                return List.of();
            }
            try (Stream<Path> found = Files.list(root.resolve(directory))) {
                return found.filter(Files::isRegularFile)
                        .map(file -> file.getFileName().toString())
                        .sorted()
                        .toList();
            }
        }

        @Override
        public Optional<byte[]> read(String file) throws IOException {
            Path path = root.resolve(file);
            return Files.isRegularFile(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
        }

        @Override
        public void close() {}
    }

    /**
     * Not as a file system: that would be loaded for it, while class loaders read jars in this way too.
     *
     * @param names of all that is in it, in order, so that those of a directory stand together: a jar may hold many plugins
     */
    private record Jar(ZipFile zip, NavigableSet<String> names) implements Tree {

        Jar(ZipFile zip) {
            this(zip, new TreeSet<>());
            zip.stream().map(ZipEntry::getName).forEach(names::add);
        }

        private NavigableSet<String> below(String directory) {
            return names.subSet(directory, true, directory + Character.MAX_VALUE, false);
        }

        @Override
        public boolean has(String directory) {
            return !below(directory).isEmpty();
        }

        @Override
        public List<String> in(String directory) {
            return below(directory).stream()
                    .map(name -> name.substring(directory.length()))
                    .filter(name -> !name.isEmpty() && name.indexOf('/') < 0)
                    .toList();
        }

        @Override
        public Optional<byte[]> read(String file) throws IOException {
            ZipEntry entry = zip.getEntry(file);
            if (entry == null || entry.isDirectory()) {
                return Optional.empty();
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return Optional.of(in.readAllBytes());
            }
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }
}
