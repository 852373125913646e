package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A configuration that was read from all its layers. Immutable. */
public final class LoadedConfig {

    private final List<Layer> unmarked;
    private final List<Layer> layers;
    private final Config config;
    private final List<Problem> warnings;
    private final Set<Path> files;

    private LoadedConfig(List<Layer> unmarked, List<Layer> marked, List<Problem> warnings, Set<Path> files) {
        this.unmarked = List.copyOf(unmarked);
        this.layers = List.copyOf(marked);
        this.config = Config.root(Merge.layers(trees(marked)));
        this.warnings = List.copyOf(warnings);
        this.files = Set.copyOf(files);
    }

    private static List<ConfigNode.Mapping> trees(List<Layer> layers) {
        List<ConfigNode.Mapping> trees = new ArrayList<>();
        for (Layer layer : layers) {
            trees.add(layer.tree());
        }
        return trees;
    }

    static LoadedConfig of(List<Layer> layers, List<Problem> warnings, Set<Path> files) {
        List<Layer> marked = new ArrayList<>();
        for (Layer layer : layers) {
            marked.add(new Layer(layer.name(), Masking.mark(layer.tree())));
        }
        return new LoadedConfig(layers, marked, warnings, files);
    }

    /** The same, with plugins' schemas saying what is secret and what is not. */
    public LoadedConfig withSchema(ConfigSchema schema) {
        List<Layer> marked = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = unmarked.get(i);
            marked.add(new Layer(
                    layer.name(), Masking.mark(layer.tree(), layers.get(i).tree(), schema)));
        }
        return new LoadedConfig(unmarked, marked, warnings, files);
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
