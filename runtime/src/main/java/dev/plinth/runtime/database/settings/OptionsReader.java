package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabaseOptions;
import java.time.Duration;
import java.util.Optional;

/** Reads the keys of {@code backend.database} that are not about one plugin. */
final class OptionsReader {

    private static final Duration MIGRATION_LEASE = Duration.ofSeconds(30);
    private static final String AUTO = "auto";

    private OptionsReader() {}

    /** What is wrong goes to the problems, with the default in its place. */
    static DatabaseOptions read(Config database, Problems problems) {
        return new DatabaseOptions(
                budget(database.child("budget"), problems),
                migrationLease(database.child("migrationLease"), problems),
                refuseNewerHistory(database.child("newerHistory"), problems));
    }

    private static Optional<Integer> budget(Config budget, Problems problems) {
        if (!budget.isPresent() || AUTO.equals(budget.toPlain())) {
            return Optional.empty();
        }
        Optional<Long> number = budget.wholeNumber(problems);
        if (number.isPresent() && (number.get() < 1 || number.get() > Integer.MAX_VALUE)) {
            problems.addAll(budget.wrongType("a number of connections, at least 1, or \"auto\"")
                    .problems());
            return Optional.empty();
        }
        return number.map(Long::intValue);
    }

    private static Duration migrationLease(Config lease, Problems problems) {
        Duration duration = lease.duration(problems).orElse(MIGRATION_LEASE);
        if (duration.toMillis() < 1) {
            problems.addAll(
                    lease.wrongType("a duration of at least a millisecond").problems());
            return MIGRATION_LEASE;
        }
        return duration;
    }

    private static boolean refuseNewerHistory(Config newer, Problems problems) {
        Optional<String> text = newer.string(problems);
        if (text.isPresent() && !text.get().equals("warn") && !text.get().equals("refuse")) {
            problems.addAll(newer.wrongType("\"warn\" or \"refuse\"").problems());
        }
        return text.filter("refuse"::equals).isPresent();
    }
}
