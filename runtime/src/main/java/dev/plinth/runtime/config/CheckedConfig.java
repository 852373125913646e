package dev.plinth.runtime.config;

/**
 * A configuration with everything that is wrong with it.
 *
 * @param loaded without what could not be loaded
 * @param schema of the runtime and the installed plugins
 * @param check the problems of loading and those of the keys, together
 * @param isComplete whether all of it could be loaded; if not, no part of it is to be used
 */
public record CheckedConfig(LoadedConfig loaded, ConfigSchema schema, ConfigCheck check, boolean isComplete) {}
