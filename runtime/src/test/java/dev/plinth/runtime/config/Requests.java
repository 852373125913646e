package dev.plinth.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests as the command line would make them. */
final class Requests {

    private Requests() {}

    static ConfigRequest in(Path directory) {
        return in(directory, Map.of());
    }

    static ConfigRequest in(Path directory, Map<String, String> environment) {
        return new ConfigRequest(Optional.empty(), List.of(), List.of(), environment, directory);
    }
}
