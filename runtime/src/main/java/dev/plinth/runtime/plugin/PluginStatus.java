package dev.plinth.runtime.plugin;

import java.time.Instant;

/**
 * Where a plugin stands.
 *
 * @param reason why, in words that anybody may read: no address, no user, no value; empty when there is nothing to say
 * @param detail the same for the operator, with the cause's own message; empty when there is nothing to say
 * @param since when it came into this state
 * @param attempts how often it was tried to start this version, without success in between
 */
public record PluginStatus(String id, PluginState state, String reason, String detail, Instant since, int attempts) {

    PluginStatus withDetail(String other) {
        return new PluginStatus(id, state, reason, other, since, attempts);
    }
}
