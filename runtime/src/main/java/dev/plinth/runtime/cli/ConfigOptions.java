package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Says which configuration a verb works with. A mixin. */
final class ConfigOptions {

    @Option(
            names = "--conf-dir",
            paramLabel = "DIR",
            description = "Directory of app-config.yaml and its kin; by default conf, or else the working directory.")
    private @Nullable Path confDir;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "File that replaces all files of the configuration directory; several are layered in their order.")
    private List<String> configs = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one key above all other layers, as in --set backend.listen.port=8080.")
    private List<String> sets = new ArrayList<>();

    ConfigRequest request(Console console) {
        return request(console, List.of());
    }

    /** With values that other options stand for; what {@code --set} says goes before them. */
    ConfigRequest request(Console console, List<String> moreSets) {
        List<String> all = new ArrayList<>(moreSets);
        all.addAll(sets);
        return new ConfigRequest(
                Optional.ofNullable(confDir), configs, all, console.environment(), console.workingDirectory());
    }
}
