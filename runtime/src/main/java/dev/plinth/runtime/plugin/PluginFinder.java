package dev.plinth.runtime.plugin;

import dev.plinth.plugin.JavaMigration;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.config.PluginIds;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.plugin.Discovery.ConfigSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/** Collects plugins and what is wrong with them, one jar after the other. */
final class PluginFinder {

    /** Jars that Maven puts beside the one that counts. */
    private static final Pattern BESIDE = Pattern.compile("original-.*|.*-(?:sources|javadoc|tests)\\.jar");

    /** Before the name of a class that cannot be made: Java's word for a plugin or a migration. */
    private static final Pattern PROVIDER = Pattern.compile("^[\\w.]+: Provider (?=[\\w.$]+ could not)");

    private final ClassLoader classPath;
    private final Map<String, String> checksums;
    private final Optional<JarCopies> copies;
    private final Map<String, PluginDescriptor> plugins = new LinkedHashMap<>();
    private final List<ConfigSchema> schemas = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    /**
     * @param checksums that jars must have, by plugin id in lower case
     * @param copies where to load jars from; empty to load them where they are
     */
    PluginFinder(ClassLoader classPath, Map<String, String> checksums, Optional<JarCopies> copies) {
        this.classPath = classPath;
        this.checksums = checksums;
        this.copies = copies;
    }

    void searchClassPath() {
        List<Plugin> found = new ArrayList<>();
        if (!load(Plugin.class, classPath, "class path", found::add) || found.isEmpty()) {
            return;
        }
        Map<Path, List<Plugin>> byLocation = found.stream()
                .filter(plugin -> PluginSource.locationOf(plugin.getClass()).isPresent())
                .collect(Collectors.groupingBy(
                        plugin -> PluginSource.locationOf(plugin.getClass()).orElseThrow(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        byLocation.forEach((location, group) -> addAll(location, location, classPath, group));
    }

    List<Path> jarsIn(Path directory) {
        try {
            return list(directory);
        } catch (UncheckedIOException e) {
            problems.add(problem("broken-plugin", directory, "cannot list the plugin directory: " + e.getCause()));
            return List.of();
        }
    }

    /** The plugin jars there, in order; none when there is no such directory. */
    static List<Path> list(Path directory) {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(PluginFinder::isPluginJar).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes what was found in a jar; one whose code takes longer is somebody else's. */
    void add(JarReading reading, Duration patience, Consumer<JarReading> others) {
        if (!reading.isDoneAt(patience)) {
            others.accept(reading);
            return;
        }
        reading.result().whenComplete((found, failure) -> {
            if (failure == null) {
                add(found);
            } else {
                problems.add(problem("broken-plugin", reading.jar(), unreadable(failure)));
            }
        });
    }

    /** Takes what was found in a jar, as far as it has no plugin that is here already. */
    private void add(Discovery jar) {
        problems.addAll(jar.problems());
        List<PluginDescriptor> news = jar.plugins().stream()
                .filter(plugin -> !isDuplicate(plugin.id(), plugin.source()))
                .toList();
        if (news.isEmpty()) {
            jar.close();
        } else {
            news.forEach(plugin -> plugins.put(plugin.id().toLowerCase(Locale.ROOT), plugin));
            schemas.addAll(jar.schemas());
        }
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    private boolean isDuplicate(String id, String source) {
        PluginDescriptor earlier = plugins.get(id.toLowerCase(Locale.ROOT));
        if (earlier != null) {
            problems.add(problem(Discovery.DUPLICATE, Path.of(source), taken(id, earlier)));
        }
        return earlier != null;
    }

    /** What is wrong with a jar whose plugin is in another one, behind the jar's name. */
    static String taken(String id, PluginDescriptor earlier) {
        return "holds plugin '" + id + "', and " + earlier.source() + " has a plugin '" + earlier.id()
                + "' already; remove one of the two";
    }

    Discovery result() {
        return new Discovery(List.copyOf(plugins.values()), schemas, problems);
    }

    private static boolean isPluginJar(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".jar")
                && !name.startsWith(".")
                && !BESIDE.matcher(name).matches()
                && Files.isRegularFile(file);
    }

    /** What is wrong with a jar that could not be read, behind its name. */
    static String unreadable(Throwable failure) {
        return failure instanceof ZipException
                ? "is no complete jar (" + failure.getMessage() + ")"
                : "cannot be read as a plugin jar: " + failure;
    }

    /** Runs the jar's code, which may never return. */
    void searchJar(Path jar, JarReading reading) {
        try {
            Optional<String> objection = JarGuard.objection(jar);
            if (objection.isPresent()) {
                problems.add(problem("refused-plugin", jar, objection.get()));
                return;
            }
            Path file = copies.isPresent() ? copies.get().copy(jar) : jar;
            Runnable remove = copies.isPresent() ? () -> JarCopies.remove(file) : () -> {};
            if (!searchFile(jar, file, remove, reading)) {
                remove.run();
            }
        } catch (IOException | RuntimeException e) {
            problems.add(problem("broken-plugin", jar, unreadable(e)));
        }
    }

    /** Whether plugins were found, so that the file is needed. */
    private boolean searchFile(Path jar, Path file, Runnable remove, JarReading reading) throws IOException {
        // A class loader does not say that its jar is broken: it finds nothing in it.
        try (PluginSource source = PluginSource.open(file)) {
            Optional<JarDescriptor> descriptor = source.descriptor();
            if (descriptor.isPresent()
                    && !hasItsChecksum(jar, file, descriptor.get().plugins().keySet())) {
                return false;
            }
            descriptor.ifPresent(known -> reading.name(known.plugins().keySet()));
        } catch (IllegalArgumentException wrongDescriptor) {
            problems.add(problem("refused-plugin", jar, String.valueOf(wrongDescriptor.getMessage())));
            return false;
        }
        PluginClassLoader loader = new PluginClassLoader(nameOf(jar, file), toUrl(file), classPath, remove);
        int before = plugins.size();
        search(jar, file, loader);
        if (plugins.size() == before) {
            loader.close();
        }
        return plugins.size() > before;
    }

    /** Copies of one jar have a directory each, whose name tells them apart. */
    private static String nameOf(Path jar, Path file) {
        return jar.getFileName()
                + (file.equals(jar) ? "" : PluginClassLoader.COPY + file.getName(file.getNameCount() - 2));
    }

    private void search(Path jar, Path file, PluginClassLoader loader) {
        List<Plugin> found = new ArrayList<>();
        boolean complete = load(Plugin.class, loader, jar.toString(), found::add);
        if (found.isEmpty() && complete) {
            problems.add(Problem.warning(
                    "no-plugin",
                    "",
                    jar.toString(),
                    "holds no plugin",
                    "name the class in META-INF/services/" + Plugin.class.getName()));
        }
        addAll(jar, file, loader, found);
        if (found.size() == 1) {
            plugins.values().stream()
                    .filter(plugin -> plugin.classLoader() == loader)
                    .forEach(plugin -> loader.isOf(plugin.id()));
        }
    }

    private boolean hasItsChecksum(Path jar, Path file, Collection<String> pluginIds) throws IOException {
        for (String id : pluginIds) {
            String wanted = checksums.get(id.toLowerCase(Locale.ROOT));
            if (wanted != null && !wanted.equals(JarGuard.sha256(file))) {
                problems.add(problem(
                        "refused-plugin",
                        jar,
                        "has the SHA-256 " + JarGuard.sha256(file) + ", and backend.plugins." + id + ".sha256 asks for "
                                + wanted));
                return false;
            }
        }
        return true;
    }

    private void addAll(Path location, Path file, ClassLoader loader, List<Plugin> found) {
        if (found.isEmpty()) {
            return;
        }
        List<JavaMigration> migrations = new ArrayList<>();
        // Without one of its migrations a plugin would run on a database that is not its own idea of it.
        if (!load(JavaMigration.class, loader, location.toString(), migrations::add)) {
            return;
        }
        migrations.removeIf(migration -> !PluginSource.locationOf(migration.getClass())
                .equals(PluginSource.locationOf(found.get(0).getClass())));
        try (PluginSource source = PluginSource.open(file)) {
            source.configSchema().ifPresent(text -> schemas.add(new ConfigSchema(location.toString(), text)));
            Optional<JarDescriptor> descriptor = source.descriptor();
            for (Plugin plugin : found) {
                add(
                        plugin,
                        location,
                        file,
                        loader,
                        source,
                        descriptor,
                        found.size() == 1 ? migrations : ofPackage(plugin, migrations));
            }
        } catch (IOException | IllegalArgumentException e) {
            problems.add(problem("broken-plugin", location, "cannot be read: " + e.getMessage()));
        }
    }

    private static List<JavaMigration> ofPackage(Plugin plugin, List<JavaMigration> migrations) {
        String own = plugin.getClass().getPackageName();
        return migrations.stream()
                .filter(migration -> (migration.getClass().getPackageName() + ".").startsWith(own + "."))
                .toList();
    }

    private void add(
            Plugin plugin,
            Path location,
            Path file,
            ClassLoader loader,
            PluginSource source,
            Optional<JarDescriptor> descriptor,
            List<JavaMigration> migrations)
            throws IOException {
        Optional<String> id = idOf(plugin, location);
        if (id.isEmpty() || isDuplicate(id.get(), location.toString())) {
            return;
        }
        if (descriptor.isPresent() && !descriptor.get().plugins().containsKey(id.get())) {
            problems.add(problem(
                    "refused-plugin",
                    location,
                    "holds plugin '" + id.get() + "', and " + JarDescriptor.FILE + " names only "
                            + String.join(", ", descriptor.get().plugins().keySet())));
            return;
        }
        if (loader != classPath && !hasItsChecksum(location, file, List.of(id.get()))) {
            return;
        }
        Optional<JarDescriptor.Entry> entry =
                descriptor.map(all -> all.plugins().get(id.get()));
        addOwnSchema(id.get(), location, source, entry);
        Class<? extends Plugin> type = plugin.getClass();
        plugins.put(
                id.get().toLowerCase(Locale.ROOT),
                new PluginDescriptor(
                        id.get(),
                        descriptor
                                .map(JarDescriptor::version)
                                .filter(text -> !text.isEmpty())
                                .orElse(source.version()),
                        location.toString(),
                        loader,
                        source.migrations(id.get()),
                        migrations,
                        () -> newInstance(type),
                        entry.map(JarDescriptor.Entry::needs).orElse(PluginNeeds.UNSAID)));
    }

    private void addOwnSchema(String id, Path location, PluginSource source, Optional<JarDescriptor.Entry> entry)
            throws IOException {
        Optional<String> file = entry.flatMap(JarDescriptor.Entry::configSchema);
        if (file.isPresent()) {
            String text = source.text(file.get())
                    .orElseThrow(() -> new IllegalArgumentException(
                            JarDescriptor.FILE + ": plugins." + id + ".configSchema: there is no " + file.get()));
            schemas.add(new ConfigSchema(location.toString(), id, text));
        }
    }

    private Optional<String> idOf(Plugin plugin, Path location) {
        String type = plugin.getClass().getName();
        try {
            String id = String.valueOf(plugin.id());
            Optional<String> objection = PluginIds.reasonAgainst(id);
            objection.ifPresent(reason -> problems.add(problem("invalid-plugin-id", location, type + ": " + reason)));
            return objection.isPresent() ? Optional.empty() : Optional.of(id);
        } catch (RuntimeException | LinkageError e) {
            problems.add(problem("broken-plugin", location, type + ".id() failed: " + e));
            return Optional.empty();
        }
    }

    /** Whether nothing went wrong; what can be loaded is handed on either way. */
    private <T> boolean load(Class<T> service, ClassLoader loader, String source, Consumer<T> found) {
        boolean complete = true;
        Iterator<T> services = ServiceLoader.load(service, loader).iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return complete;
                }
                found.accept(services.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                // The iterator goes on behind the class that failed.
                complete = false;
                problems.add(problem("broken-plugin", Path.of(source), messageOf(e)));
            }
        }
    }

    private static String messageOf(Error error) {
        Throwable cause = error.getCause();
        String message = PROVIDER.matcher(String.valueOf(error.getMessage())).replaceFirst("");
        return cause == null ? message : message + ": " + cause;
    }

    private static Plugin newInstance(Class<? extends Plugin> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(type.getName() + ": constructor failed: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + ": no public constructor without arguments", e);
        }
    }

    private static Problem problem(String code, Path source, String message) {
        return Problem.error(code, "", source.toString(), message, "");
    }

    private static java.net.URL toUrl(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(jar + " cannot be written as a URL", e);
        }
    }
}
