package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabaseOptions;
import dev.plinth.runtime.database.LeakOptions;
import java.time.Duration;
import java.util.Optional;

/** Reads the keys of {@code backend.database} that are not about one plugin. */
final class OptionsReader {

    private static final Duration MIGRATION_LEASE = Duration.ofSeconds(30);
    private static final String NONE = "none";
    private static final String AUTO = "auto";

    private OptionsReader() {}

    /** What is wrong goes to the problems, with the default in its place. */
    static DatabaseOptions read(Config database, Problems problems) {
        return new DatabaseOptions(
                budget(database.child("budget"), problems),
                migrationLease(database.child("migrationLease"), problems),
                refuseNewerHistory(database.child("newerHistory"), problems),
                leaks(database, problems));
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
        return duration(lease, problems).orElse(MIGRATION_LEASE);
    }

    private static LeakOptions leaks(Config database, Problems problems) {
        Config threshold = database.child("leakThreshold");
        Optional<Duration> known = NONE.equals(threshold.toPlain())
                ? Optional.empty()
                : duration(threshold, problems).or(LeakOptions.DEFAULT::threshold);
        boolean traces = database.child("leakTraces").bool(problems).orElse(LeakOptions.DEFAULT.traces());
        return new LeakOptions(known, traces);
    }

    private static Optional<Duration> duration(Config config, Problems problems) {
        Optional<Duration> duration = config.duration(problems);
        if (duration.isPresent() && duration.get().toMillis() < 1) {
            problems.addAll(
                    config.wrongType("a duration of at least a millisecond").problems());
            return Optional.empty();
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
