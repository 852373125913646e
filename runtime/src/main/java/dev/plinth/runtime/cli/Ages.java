package dev.plinth.runtime.cli;

import java.time.Duration;
import java.time.Instant;

/** Says how long something has lasted, for people: two units at most. */
final class Ages {

    private Ages() {}

    /** From a moment, as documents write it, until now. */
    static String since(String moment) {
        return of(Duration.between(Instant.parse(moment), Instant.now()));
    }

    static String of(Duration age) {
        if (age.compareTo(Duration.ofMinutes(1)) < 0) {
            return Math.max(0, age.toSeconds()) + " s";
        }
        if (age.compareTo(Duration.ofHours(1)) < 0) {
            return age.toMinutes() + " min";
        }
        return age.compareTo(Duration.ofDays(1)) < 0
                ? age.toHours() + " h " + age.toMinutesPart() + " min"
                : age.toDays() + " d " + age.toHoursPart() + " h";
    }
}
