package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads all layers and merges them. Blocks for as long as the files take to read; starts no thread. */
public final class ConfigLoader {

    private final ConfigRequest request;
    private final Problems problems = new Problems();
    private final SourceFiles files;
    private final Cover cover = new Cover();
    private final List<Layer> layers = new ArrayList<>();

    private ConfigLoader(ConfigRequest request) {
        this.request = request;
        this.files = new SourceFiles(request.workingDirectory());
    }

    /**
     * Loads a configuration.
     *
     * @throws ConfigException with everything that is wrong, warnings too, when at least one problem is an error
     */
    public static LoadedConfig load(ConfigRequest request) {
        return new ConfigLoader(request).load();
    }

    private LoadedConfig load() {
        List<FileLayers.Raw> raws = FileLayers.read(request, files, problems);
        SetLayer.read(request.sets(), problems).ifPresent(this::addBelow);
        EnvironmentLayer.read(request.environment(), problems).ifPresent(this::addBelow);
        Transformer transformer = transformer(List.of());
        // From the last to the first: what a later layer says decides whether an earlier include is read.
        for (int i = raws.size() - 1; i >= 0; i--) {
            transform(raws.get(i), transformer);
        }
        problems.throwIfErrors();
        Collections.reverse(layers);
        return LoadedConfig.of(layers, problems.list(), files.seen());
    }

    private Transformer transformer(List<Path> roots) {
        Substitution substitution = new Substitution(request.environment());
        Budget budget = new Budget();
        Includes includes = new Includes(files, substitution, roots, budget, problems);
        return new Transformer(substitution, includes, budget, problems);
    }

    private void transform(FileLayers.Raw raw, Transformer transformer) {
        int errors = problems.errorCount();
        try {
            ConfigNode tree = transformer.transform(raw.tree(), KeyPath.ROOT, IncludeFrame.of(raw.directory()), cover);
            if (tree instanceof ConfigNode.Mapping mapping) {
                addBelow(new Layer(raw.name(), mapping));
            } else if (problems.errorCount() == errors) {
                // An include at the root that failed has been reported.
                problems.add(Problem.error(
                        "root-not-object",
                        "",
                        raw.tree().origin().toString(),
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
