package dev.plinth.runtime.database.migration;

import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where one migration stands, in the jar and in the history.
 *
 * @param version empty for a repeatable one
 * @param source the file or class; empty when only the history knows it
 * @param state for people and programs, such as {@code applied}, {@code pending} or {@code changed}
 * @param duration in milliseconds
 * @param script what it does; empty when it is Java, or when only the history knows it
 */
public record MigrationStatus(
        OptionalLong version,
        String name,
        String source,
        String kind,
        String state,
        Optional<OffsetDateTime> appliedAt,
        OptionalLong duration,
        String script) {

    /** Whether the next start applies it. */
    public boolean isPending() {
        return isPending(state);
    }

    /** The same of a state alone, as documents have it. */
    public static boolean isPending(String state) {
        return state.equals(State.PENDING) || state.equals(State.INTERRUPTED);
    }

    /** Whether the plugin cannot start because of it. */
    public boolean isWrong() {
        return isWrong(state);
    }

    /** The same of a state alone, as documents have it. */
    public static boolean isWrong(String state) {
        return state.equals(State.CHANGED) || state.equals(State.GAP);
    }

    /** The words for {@link MigrationStatus#state}. */
    static final class State {

        static final String APPLIED = "applied";
        static final String PENDING = "pending";
        /** Without transaction, and cut off half-way. */
        static final String INTERRUPTED = "interrupted";
        /** Applied from another text than the jar's. */
        static final String CHANGED = "changed";
        /** Never applied, though a newer version was. */
        static final String GAP = "gap";
        /** Applied, but not in the jar. */
        static final String UNKNOWN = "not in the jar";

        private State() {}
    }
}
