package dev.plinth.runtime.config;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads all layers and merges them. Blocks for as long as files and stores take to read; as long as no store is declared, it
 * starts no thread and no Vert.x.
 */
public final class ConfigLoader {

    /**
     * What came of one loading.
     *
     * @param loaded without what is in error
     * @param poll how soon a store wants to be asked again; empty without stores
     */
    record Attempt(LoadedConfig loaded, List<Problem> problems, Optional<Duration> poll) {

        boolean isComplete() {
            return problems.stream().noneMatch(Problem::isError);
        }
    }

    private final ConfigRequest request;
    private final StoreReader stores;
    private final Problems problems = new Problems();
    private final SourceFiles files;
    private final Substitution substitution;
    private final Cover cover = new Cover();
    private final List<Layer> layers = new ArrayList<>();

    private ConfigLoader(ConfigRequest request, StoreReader stores) {
        this.request = request;
        this.stores = stores;
        this.files = new SourceFiles(request.workingDirectory());
        this.substitution = new Substitution(request.environment());
    }

    /**
     * Loads a configuration; stores that it declares are read with a Vert.x of its own.
     *
     * @throws ConfigException with everything that is wrong, warnings too, when at least one problem is an error
     */
    public static LoadedConfig load(ConfigRequest request) {
        return load(request, VertxStores.alone());
    }

    /** The same with a Vert.x that is there already, asked for only when a store is declared. Not for event loops. */
    public static LoadedConfig load(ConfigRequest request, Supplier<Vertx> vertx) {
        return load(request, new VertxStores(vertx));
    }

    private static LoadedConfig load(ConfigRequest request, StoreReader stores) {
        Attempt attempt = attempt(request, stores);
        if (!attempt.isComplete()) {
            throw new ConfigException(attempt.problems());
        }
        return attempt.loaded();
    }

    /**
     * Loads a configuration and finds everything that is wrong with it. What cannot be loaded does not keep the rest from being
     * checked against the runtime's schema; plugins and rules are asked only when all was loaded.
     */
    public static CheckedConfig check(ConfigRequest request, PluginSchemas plugins, List<ConfigRule> rules) {
        Attempt attempt = attempt(request, VertxStores.alone());
        LoadedConfig loaded = attempt.loaded();
        if (!attempt.isComplete()) {
            ConfigSchema schema = ConfigSchema.runtime();
            return new CheckedConfig(loaded, schema, ConfigCheck.of(loaded, schema, List.of()), false);
        }
        Problems problems = new Problems();
        ConfigSchema schema = ConfigSchema.runtime().withPlugins(plugins.find(loaded.config()), problems);
        LoadedConfig marked = loaded.withSchema(schema);
        ConfigCheck check = ConfigCheck.of(marked, schema, rules).with(problems.list());
        return new CheckedConfig(marked, schema, check, true);
    }

    static Attempt attempt(ConfigRequest request, StoreReader stores) {
        return new ConfigLoader(request, stores).attempt();
    }

    private Attempt attempt() {
        List<FileLayers.Raw> raws = FileLayers.read(request, files, problems);
        Optional<Layer> sets = SetLayer.read(request.sets(), problems);
        Optional<Layer> environment = EnvironmentLayer.read(request.environment(), problems);
        Control control = control(raws, environment, sets);
        // Loops in place of streams here: every start comes by, and a lambda is slow the first time.
        List<Source> sources = new ArrayList<>();
        for (FileLayers.Raw raw : raws) {
            sources.add(Source.of(raw));
        }
        for (StoreSettings store : control.stores()) {
            insert(store, sources);
        }
        if (environment.isPresent()) {
            sources.add(Source.of(environment.get()));
        }
        if (sets.isPresent()) {
            sources.add(Source.of(sets.get()));
        }
        resolve(sources, control.includeRoots());
        LoadedConfig loaded = LoadedConfig.of(layers, problems.list(), files.seen());
        return new Attempt(loaded, problems.list(), poll(control.stores()));
    }

    private static Optional<Duration> poll(List<StoreSettings> stores) {
        return stores.stream().map(StoreSettings::poll).min(Comparator.naturalOrder());
    }

    /** One layer before its includes are followed, or one that has none. */
    private record Source(String name, ConfigNode tree, @Nullable Path directory) {

        static Source of(FileLayers.Raw raw) {
            return new Source(raw.name(), raw.tree(), raw.directory());
        }

        static Source of(Layer layer) {
            return new Source(layer.name(), layer.tree(), null);
        }
    }

    private Control control(List<FileLayers.Raw> raws, Optional<Layer> environment, Optional<Layer> sets) {
        // What is wrong in these sections is told when the whole is read.
        Transformer transformer = transformer(List.of(), new Problems());
        List<ConfigNode.Mapping> sections = new ArrayList<>();
        for (FileLayers.Raw raw : raws) {
            section(raw, transformer).ifPresent(sections::add);
        }
        if (environment.isPresent()) {
            sections.add(Control.sectionOf(environment.get().tree()));
        }
        if (sets.isPresent()) {
            sections.add(Control.sectionOf(sets.get().tree()));
        }
        return Control.read(sections, files.workingDirectory(), problems);
    }

    private static Optional<ConfigNode.Mapping> section(FileLayers.Raw raw, Transformer transformer) {
        try {
            ConfigNode section = transformer.transform(
                    Control.sectionOf(raw.tree()), KeyPath.ROOT, IncludeFrame.of(raw.directory()), Cover.NONE);
            return section instanceof ConfigNode.Mapping mapping ? Optional.of(mapping) : Optional.empty();
        } catch (ConfigException reportedLater) {
            return Optional.empty();
        }
    }

    private void insert(StoreSettings store, List<Source> sources) {
        try {
            ConfigNode tree = JsonReader.read(stores.read(store).encode(), Origin.of(store.name()));
            sources.add(position(store, sources), new Source(store.name(), tree, null));
        } catch (StoreReader.StoreException e) {
            problems.add(failed(store, e.reason()));
        } catch (JsonReader.JsonException e) {
            problems.add(failed(store, "its content cannot be used: " + e.reason()));
        }
    }

    private static Problem failed(StoreSettings store, String reason) {
        String message = "the store cannot be read: " + reason;
        String key = store.name().substring(0, store.name().indexOf(' '));
        return store.optional()
                ? Problem.warning(
                        "store-failed", key, store.origin().toString(), message, "it is left out, being optional")
                : Problem.error(
                        "store-failed",
                        key,
                        store.origin().toString(),
                        message,
                        "check its options, or set optional: true");
    }

    private int position(StoreSettings store, List<Source> sources) {
        if (store.before().isEmpty()) {
            return sources.size();
        }
        String before = store.before().get();
        for (int i = 0; i < sources.size(); i++) {
            if (sources.get(i).name().equals(before) || sources.get(i).name().endsWith("/" + before)) {
                return i;
            }
        }
        problems.add(Problem.warning(
                "unknown-layer",
                store.name().substring(0, store.name().indexOf(' ')) + ".before",
                store.origin().toString(),
                "there is no layer \"" + before + "\", so the store goes behind all files",
                "the layers are "
                        + String.join(", ", sources.stream().map(Source::name).toList())));
        return sources.size();
    }

    /** From the last to the first: what a later layer says decides whether an earlier include is read. */
    private void resolve(List<Source> sources, List<Path> includeRoots) {
        Transformer transformer = transformer(includeRoots, problems);
        for (int i = sources.size() - 1; i >= 0; i--) {
            Source source = sources.get(i);
            if (source.directory() != null) {
                transform(source, IncludeFrame.of(source.directory()), transformer);
            } else if (source.tree() instanceof ConfigNode.Mapping mapping) {
                addBelow(new Layer(source.name(), mapping));
            }
        }
        Collections.reverse(layers);
    }

    private Transformer transformer(List<Path> roots, Problems problems) {
        Budget budget = new Budget();
        Includes includes = new Includes(files, substitution, roots, budget, problems);
        return new Transformer(substitution, includes, budget, problems);
    }

    private void transform(Source source, IncludeFrame frame, Transformer transformer) {
        int errors = problems.errorCount();
        try {
            ConfigNode tree = transformer.transform(source.tree(), KeyPath.ROOT, frame, cover);
            if (tree instanceof ConfigNode.Mapping mapping) {
                addBelow(new Layer(source.name(), mapping));
            } else if (problems.errorCount() == errors) {
                // An include at the root that failed has been reported.
                problems.add(Problem.error(
                        "root-not-object",
                        "",
                        source.tree().origin().toString(),
                        "expected an object with keys at the root of the file",
                        "write lines of the form \"key: value\""));
            }
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
    }

    private void addBelow(Layer layer) {
        layers.add(layer);
        cover.add(layer.tree());
    }
}
