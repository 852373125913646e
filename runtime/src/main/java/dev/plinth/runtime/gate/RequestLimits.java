package dev.plinth.runtime.gate;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;

/**
 * How much one plugin takes at once; what is beyond is refused.
 *
 * @param atWork requests that it works on
 * @param waiting requests that wait for one of these to end
 */
public record RequestLimits(int atWork, int waiting) {

    /** What holds when the configuration says nothing. */
    public static final RequestLimits DEFAULT = new RequestLimits(1_000, 100);

    public RequestLimits {
        if (atWork < 1 || waiting < 0) {
            throw new IllegalArgumentException("limits must be positive, were " + atWork + " and " + waiting);
        }
    }

    /** Reads {@code maxConcurrentRequests} and {@code maxQueuedRequests} of one plugin. */
    public static RequestLimits read(Config plugin, Problems problems) {
        return new RequestLimits(
                atLeast(1, plugin.at("maxConcurrentRequests"), DEFAULT.atWork, problems),
                atLeast(0, plugin.at("maxQueuedRequests"), DEFAULT.waiting, problems));
    }

    private static int atLeast(int min, Config config, int defaultValue, Problems problems) {
        long number = config.wholeNumber(problems).orElse((long) defaultValue);
        if (number < min || number > Integer.MAX_VALUE) {
            problems.addAll(
                    config.wrongType("a whole number of at least " + min).problems());
            return defaultValue;
        }
        return (int) number;
    }
}
