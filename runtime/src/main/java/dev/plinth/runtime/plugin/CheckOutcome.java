package dev.plinth.runtime.plugin;

/**
 * What came of a check that a plugin wants to be asked about.
 *
 * @param failure for the operator; empty when it passed
 */
public record CheckOutcome(String name, String failure) {

    public boolean passed() {
        return failure.isEmpty();
    }
}
