package dev.plinth.runtime.plugin;

import dev.plinth.plugin.JavaMigration;
import dev.plinth.plugin.Plugin;
import dev.plinth.runtime.config.PluginIds;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.plugin.Discovery.ConfigSchema;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Collects plugins and what is wrong with them, one jar after the other. */
final class PluginFinder {

    /** Jars that Maven puts beside the one that counts. */
    private static final Pattern BESIDE = Pattern.compile("original-.*|.*-(?:sources|javadoc|tests)\\.jar");

    private final ClassLoader classPath;
    private final Map<String, PluginDescriptor> plugins = new LinkedHashMap<>();
    private final List<ConfigSchema> schemas = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    PluginFinder(ClassLoader classPath) {
        this.classPath = classPath;
    }

    void searchClassPath() {
        List<Plugin> found = new ArrayList<>();
        if (!load(Plugin.class, classPath, "class path", found::add)) {
            return;
        }
        Map<Path, List<Plugin>> byLocation = found.stream()
                .filter(plugin -> PluginSource.locationOf(plugin.getClass()).isPresent())
                .collect(Collectors.groupingBy(
                        plugin -> PluginSource.locationOf(plugin.getClass()).orElseThrow(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        byLocation.forEach((location, group) -> addAll(location, classPath, group));
    }

    void searchDirectory(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(PluginFinder::isPluginJar).sorted().toList().forEach(this::searchJar);
        } catch (IOException e) {
            problems.add(problem("broken-plugin", directory, "cannot list the plugin directory: " + e));
        }
    }

    Discovery result() {
        return new Discovery(List.copyOf(plugins.values()), schemas, problems);
    }

    private static boolean isPluginJar(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".jar") && !BESIDE.matcher(name).matches() && Files.isRegularFile(file);
    }

    void searchJar(Path jar) {
        try {
            // A class loader does not say that its jar is broken: it finds nothing in it.
            PluginSource.open(jar).close();
            searchJar(jar, new PluginClassLoader(jar.getFileName().toString(), toUrl(jar), classPath));
        } catch (IOException | RuntimeException e) {
            problems.add(problem("broken-plugin", jar, "cannot be read as a plugin jar: " + e));
        }
    }

    private void searchJar(Path jar, PluginClassLoader loader) throws IOException {
        List<Plugin> found = new ArrayList<>();
        boolean complete = load(Plugin.class, loader, jar.toString(), found::add);
        if (found.isEmpty()) {
            if (complete) {
                problems.add(Problem.warning(
                        "no-plugin",
                        "",
                        jar.toString(),
                        "holds no plugin",
                        "name the class in META-INF/services/" + Plugin.class.getName()));
            }
            loader.close();
        }
        addAll(jar, loader, found);
    }

    private void addAll(Path location, ClassLoader loader, List<Plugin> found) {
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
        try (PluginSource source = PluginSource.open(location)) {
            source.configSchema().ifPresent(text -> schemas.add(new ConfigSchema(location.toString(), text)));
            for (Plugin plugin : found) {
                add(plugin, location, loader, source, found.size() == 1 ? migrations : ofPackage(plugin, migrations));
            }
        } catch (IOException e) {
            problems.add(problem("broken-plugin", location, "cannot be read: " + e));
        }
    }

    private static List<JavaMigration> ofPackage(Plugin plugin, List<JavaMigration> migrations) {
        String own = plugin.getClass().getPackageName();
        return migrations.stream()
                .filter(migration -> (migration.getClass().getPackageName() + ".").startsWith(own + "."))
                .toList();
    }

    private void add(
            Plugin plugin, Path location, ClassLoader loader, PluginSource source, List<JavaMigration> migrations)
            throws IOException {
        Optional<String> id = idOf(plugin, location);
        if (id.isEmpty()) {
            return;
        }
        PluginDescriptor earlier = plugins.get(id.get().toLowerCase(Locale.ROOT));
        if (earlier != null) {
            problems.add(problem(
                    "duplicate-plugin",
                    location,
                    "plugin '" + id.get() + "' is left out: " + earlier.source() + " has a plugin '" + earlier.id()
                            + "' already, remove one of the two"));
            return;
        }
        Class<? extends Plugin> type = plugin.getClass();
        plugins.put(
                id.get().toLowerCase(Locale.ROOT),
                new PluginDescriptor(
                        id.get(),
                        source.version(),
                        location.toString(),
                        loader,
                        source.migrations(id.get()),
                        migrations,
                        () -> newInstance(type)));
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
        return cause == null ? String.valueOf(error.getMessage()) : error.getMessage() + ": " + cause;
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
