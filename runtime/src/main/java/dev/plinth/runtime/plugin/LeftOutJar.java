package dev.plinth.runtime.plugin;

import java.time.Instant;

/**
 * A jar in a plugin directory of which something is not installed: all of it, or one of its plugins.
 *
 * @param reason for the operator
 * @param duplicate whether another jar stands in its way
 */
public record LeftOutJar(String source, String reason, boolean duplicate, Instant since) {}
