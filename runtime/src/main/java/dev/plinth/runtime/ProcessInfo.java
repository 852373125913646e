package dev.plinth.runtime;

import dev.plinth.runtime.config.ConfigCheck;
import dev.plinth.runtime.config.ConfigSchema;
import dev.plinth.runtime.config.LoadedConfig;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * What operators are told of the process beside what the backend itself knows. Any thread.
 *
 * @param version of Plinth
 * @param workingDirectory to which relative paths relate
 * @param configuration that is in use
 * @param schema of the runtime and the installed plugins
 * @param check of the configuration as it is in the files now; reads them
 */
public record ProcessInfo(
        String version,
        Path workingDirectory,
        Supplier<LoadedConfig> configuration,
        Supplier<ConfigSchema> schema,
        Supplier<ConfigCheck> check) {}
