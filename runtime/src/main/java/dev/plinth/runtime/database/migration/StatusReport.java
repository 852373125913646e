package dev.plinth.runtime.database.migration;

import dev.plinth.runtime.database.migration.Migration.Statements;
import dev.plinth.runtime.database.migration.MigrationPlan.Step;
import dev.plinth.runtime.database.migration.MigrationStatus.State;
import dev.plinth.runtime.database.migration.SqlSplitter.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts the jar's migrations and the history side by side. */
final class StatusReport {

    private final List<Migration> migrations;
    private final List<Applied> history;
    private final MigrationPlan plan;

    StatusReport(List<Migration> migrations, List<Applied> history) {
        this.migrations = migrations;
        this.history = history;
        this.plan = MigrationPlan.of(migrations, history);
    }

    /** The jar's in their order, then what only the history knows. */
    List<MigrationStatus> lines() {
        List<MigrationStatus> lines = new ArrayList<>();
        migrations.forEach(migration -> lines.add(line(migration)));
        history.stream().filter(this::isUnknown).forEach(row -> lines.add(line(row)));
        return lines;
    }

    private boolean isUnknown(Applied row) {
        return migrations.stream().noneMatch(migration -> belongsTo(migration, row));
    }

    private static boolean belongsTo(Migration migration, Applied row) {
        return Objects.equals(migration.version(), row.version())
                && (!migration.repeatable() || migration.name().equals(row.name()));
    }

    private MigrationStatus line(Migration migration) {
        Optional<Applied> row = history.stream()
                .filter(applied -> belongsTo(migration, applied))
                .findFirst();
        return new MigrationStatus(
                version(migration.version()),
                migration.name(),
                migration.source(),
                migration.kind().text(),
                state(migration),
                row.map(Applied::appliedAt),
                row.map(applied -> OptionalLong.of(applied.duration())).orElse(OptionalLong.empty()),
                script(migration));
    }

    private static MigrationStatus line(Applied row) {
        return new MigrationStatus(
                version(row.version()),
                row.name(),
                "",
                row.kind(),
                State.UNKNOWN,
                Optional.of(row.appliedAt()),
                OptionalLong.of(row.duration()),
                "");
    }

    private String state(Migration migration) {
        if (plan.changed().contains(migration)) {
            return State.CHANGED;
        }
        if (plan.gaps().contains(migration)) {
            return State.GAP;
        }
        return plan.pending().stream()
                .filter(step -> step.migration().equals(migration))
                .findFirst()
                .map(StatusReport::pending)
                .orElse(State.APPLIED);
    }

    private static String pending(Step step) {
        return step.resumed() ? State.INTERRUPTED : State.PENDING;
    }

    private static String script(Migration migration) {
        return migration.body() instanceof Statements statements
                ? statements.list().stream().map(Statement::sql).collect(Collectors.joining(";\n", "", ";\n"))
                : "";
    }

    private static OptionalLong version(@Nullable Long version) {
        return version == null ? OptionalLong.empty() : OptionalLong.of(version);
    }
}
