package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a configuration is made from.
 *
 * @param confDir where the files are; empty: {@code conf} when it holds any, else the working directory
 * @param configs files that replace all others, in order; empty: the usual ones
 * @param sets {@code key=value} texts, the last layer
 * @param environment for {@code ${VAR}}, {@code APP_CONFIG_*} and {@code PLINTH_ENV}
 * @param workingDirectory what relative paths of the command line relate to
 */
public record ConfigRequest(
        Optional<Path> confDir,
        List<String> configs,
        List<String> sets,
        Map<String, String> environment,
        Path workingDirectory) {

    public ConfigRequest {
        configs = List.copyOf(configs);
        sets = List.copyOf(sets);
        environment = Map.copyOf(environment);
    }

    /** Never prints the environment or the values of {@code --set}. */
    @Override
    public String toString() {
        return "ConfigRequest[confDir=" + confDir + ", configs=" + configs + ", workingDirectory=" + workingDirectory
                + "]";
    }
}
