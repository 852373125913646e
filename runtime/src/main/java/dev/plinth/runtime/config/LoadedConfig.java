package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A configuration that loaded without an error.
 *
 * @param config all layers merged
 * @param layers in their order, later ones win
 * @param warnings what the operator should know, though it stops nothing
 * @param files every file that was looked for, whether it was there or not: a change of any may change the result
 */
public record LoadedConfig(Config config, List<Layer> layers, List<Problem> warnings, Set<Path> files) {

    public LoadedConfig {
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
        files = Set.copyOf(files);
    }

    /** The names of the layers, in order. */
    public List<String> layerNames() {
        return layers.stream().map(Layer::name).toList();
    }
}
