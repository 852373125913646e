package dev.plinth.runtime.config;

/**
 * One source of configuration, read and substituted, before merging.
 *
 * @param name as the user would write it: a file, {@code APP_CONFIG_*}, {@code --set} or a store
 * @param tree its values; an include that was not read, because a later layer overrides it, is a text that says so
 */
public record Layer(String name, ConfigNode.Mapping tree) {}
