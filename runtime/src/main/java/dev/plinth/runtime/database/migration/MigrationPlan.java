package dev.plinth.runtime.database.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to bring a history up to the jar's migrations, and what speaks against it.
 *
 * @param pending in the order in which they are applied
 * @param changed applied, but from another text than the jar's
 * @param gaps never applied, though a newer version was
 * @param newer applied, and newer than everything in the jar
 * @param lost applied, older than the newest in the jar, and not in it
 */
record MigrationPlan(
        List<Step> pending, List<Migration> changed, List<Migration> gaps, List<Applied> newer, List<Applied> lost) {

    /**
     * A migration that is still to be applied.
     *
     * @param statementsThrough of one without transaction that was cut off; 0 to begin at its beginning
     * @param resumed whether an earlier run began it
     */
    record Step(Migration migration, int statementsThrough, boolean resumed) {}

    /** A migration of the jar beside its row in the history. */
    private record Pair(Migration migration, @Nullable Applied row) {

        boolean versioned() {
            return !migration.repeatable();
        }

        boolean sameText() {
            return row != null && row.checksum().equals(migration.checksum());
        }

        boolean done() {
            return row != null && row.done();
        }

        boolean pending() {
            return !done() || (migration.repeatable() && !sameText());
        }

        /** One that was cut off goes on where it was, even when the failing statement has been corrected since. */
        Step step() {
            boolean resumed = row != null && !row.done() && (versioned() || sameText());
            return new Step(migration, resumed && row != null ? row.statementsThrough() : 0, resumed);
        }
    }

    static MigrationPlan of(List<Migration> migrations, List<Applied> history) {
        List<Pair> pairs = migrations.stream()
                .map(migration -> new Pair(migration, find(history, migration)))
                .toList();
        long newestApplied = newest(history.stream().map(Applied::version));
        long newestInJar = newest(migrations.stream().map(Migration::version));
        List<Applied> unknown = unknown(migrations, history);
        return new MigrationPlan(
                pairs.stream().filter(Pair::pending).map(Pair::step).toList(),
                select(pairs.stream().filter(pair -> pair.versioned() && pair.done() && !pair.sameText())),
                select(pairs.stream().filter(pair -> pair.row() == null && isBelow(pair, newestApplied))),
                unknown.stream().filter(row -> version(row) > newestInJar).toList(),
                unknown.stream().filter(row -> version(row) < newestInJar).toList());
    }

    private static @Nullable Applied find(List<Applied> history, Migration migration) {
        return history.stream()
                .filter(row -> Objects.equals(row.version(), migration.version()))
                .filter(row -> !migration.repeatable() || row.name().equals(migration.name()))
                .findFirst()
                .orElse(null);
    }

    private static List<Applied> unknown(List<Migration> migrations, List<Applied> history) {
        List<Applied> unknown = new ArrayList<>(history);
        unknown.removeIf(row -> row.repeatable()
                || migrations.stream().anyMatch(migration -> Objects.equals(migration.version(), row.version())));
        return unknown;
    }

    private static List<Migration> select(Stream<Pair> pairs) {
        return pairs.map(Pair::migration).toList();
    }

    private static boolean isBelow(Pair pair, long version) {
        return pair.versioned() && Objects.requireNonNull(pair.migration().version()) < version;
    }

    private static long version(Applied row) {
        return Objects.requireNonNull(row.version());
    }

    private static long newest(Stream<@Nullable Long> versions) {
        return versions.flatMap(version -> Optional.ofNullable(version).stream())
                .reduce(-1L, Long::max);
    }
}
