package dev.plinth.runtime.database.pool;

import java.time.Duration;
import java.util.Optional;

/**
 * A connection that is lent out.
 *
 * @param age for how long
 * @param lastStatement the text of the last statement on it, without values; empty before the first
 * @param takenAt the stack of whoever took it, one frame a line; empty unless that is switched on
 */
public record HolderSnapshot(String pluginId, Duration age, String lastStatement, Optional<String> takenAt) {}
