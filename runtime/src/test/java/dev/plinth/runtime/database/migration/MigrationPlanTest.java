package dev.plinth.runtime.database.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.migration.Migration.Kind;
import dev.plinth.runtime.database.migration.MigrationPlan.Step;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationPlanTest {

    @Test
    void appliesWhatWasNeverApplied() {
        MigrationPlan plan = MigrationPlan.of(List.of(file(1, "a"), file(2, "b")), List.of(row(1, "a", Applied.DONE)));
        assertThat(plan.pending()).containsExactly(new Step(file(2, "b"), 0, false));
        assertThat(plan.changed()).isEmpty();
        assertThat(plan.gaps()).isEmpty();
    }

    @Test
    void seesAChangedText() {
        MigrationPlan plan = MigrationPlan.of(List.of(file(1, "new")), List.of(row(1, "old", Applied.DONE)));
        assertThat(plan.changed()).containsExactly(file(1, "new"));
    }

    @Test
    void seesAGapButAllowsHoles() {
        List<Migration> files = List.of(file(1, "a"), file(2, "b"), file(5, "e"), file(9, "i"));
        MigrationPlan plan = MigrationPlan.of(files, List.of(row(1, "a", Applied.DONE), row(5, "e", Applied.DONE)));
        assertThat(plan.gaps()).containsExactly(file(2, "b"));
    }

    @Test
    void tellsNewerVersionsFromLostOnes() {
        List<Applied> history =
                List.of(row(1, "a", Applied.DONE), row(2, "b", Applied.DONE), row(4, "d", Applied.DONE));
        MigrationPlan plan = MigrationPlan.of(List.of(file(1, "a"), file(3, "c")), history);
        assertThat(plan.newer()).extracting(Applied::version).containsExactly(4L);
        assertThat(plan.lost()).extracting(Applied::version).containsExactly(2L);
    }

    @Test
    void goesOnWithWhatWasCutOffEvenWhenItsTextWasCorrected() {
        MigrationPlan plan = MigrationPlan.of(List.of(file(1, "new")), List.of(row(1, "old", Applied.running(3))));
        assertThat(plan.pending()).containsExactly(new Step(file(1, "new"), 3, true));
        assertThat(plan.changed()).isEmpty();
    }

    @Test
    void repeatsOnlyWhatChanged() {
        Migration same = new Migration(Kind.REPEATABLE, null, "same", "R__same.sql", "s", statements());
        Migration other = new Migration(Kind.REPEATABLE, null, "other", "R__other.sql", "new", statements());
        List<Applied> history = List.of(
                new Applied(null, "same", "s", now(), 1, "repeatable", Applied.DONE),
                new Applied(null, "other", "old", now(), 1, "repeatable", Applied.DONE),
                new Applied(null, "removed", "r", now(), 1, "repeatable", Applied.DONE));
        MigrationPlan plan = MigrationPlan.of(List.of(same, other), history);
        assertThat(plan.pending()).extracting(Step::migration).containsExactly(other);
        assertThat(plan.newer()).isEmpty();
        assertThat(plan.lost()).isEmpty();
    }

    private static Migration file(long version, String checksum) {
        return new Migration(Kind.SQL, version, "name", "V" + version + "__name.sql", checksum, statements());
    }

    private static Migration.Statements statements() {
        return new Migration.Statements(List.of(), true);
    }

    private static Applied row(long version, String checksum, String state) {
        return new Applied(version, "name", checksum, now(), 1, "sql", state);
    }

    private static OffsetDateTime now() {
        return OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    }
}
