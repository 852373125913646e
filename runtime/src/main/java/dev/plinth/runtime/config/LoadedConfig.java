package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A configuration that was read from all its layers. Immutable. */
public final class LoadedConfig {

    private final List<Layer> unmarked;
    private final List<Layer> layers;
    private final Config config;
    private final List<Problem> warnings;
    private final Set<Path> files;

    private LoadedConfig(List<Layer> unmarked, ConfigSchema schema, List<Problem> warnings, Set<Path> files) {
        this.unmarked = List.copyOf(unmarked);
        this.layers = unmarked.stream()
                .map(layer -> new Layer(layer.name(), Masking.mark(layer.tree(), schema)))
                .toList();
        this.config = Config.root(Merge.layers(layers.stream().map(Layer::tree).toList()));
        this.warnings = List.copyOf(warnings);
        this.files = Set.copyOf(files);
    }

    static LoadedConfig of(List<Layer> layers, List<Problem> warnings, Set<Path> files) {
        return new LoadedConfig(layers, ConfigSchema.runtime(), warnings, files);
    }

    /** The same, with plugins' schemas saying what is secret and what is not. */
    public LoadedConfig withSchema(ConfigSchema schema) {
        return new LoadedConfig(unmarked, schema, warnings, files);
    }

    /** All layers merged. */
    public Config config() {
        return config;
    }

    /** In their order: later ones win. */
    public List<Layer> layers() {
        return layers;
    }

    /** The names of the layers, in order. */
    public List<String> layerNames() {
        return layers.stream().map(Layer::name).toList();
    }

    /** What the operator should know of the loading, though it stops nothing. */
    public List<Problem> warnings() {
        return warnings;
    }

    /** Every file that was looked for, whether it was there or not: a change of any may change the result. */
    public Set<Path> files() {
        return files;
    }
}
