package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Outcome;
import dev.plinth.runtime.cli.DbOptions.Survey;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows where each plugin's migrations stand, and what is left of removed plugins. Changes nothing. */
@Command(
        name = "status",
        description = "Show which migrations each plugin's database has, and which are pending.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbStatusCommand implements Callable<Integer> {

    private static final String NONE = "-";

    private final Console console;

    @Mixin
    private final DbOptions options = new DbOptions();

    DbStatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Survey<List<MigrationStatus>, List<String>> survey =
                    options.survey(console, DatabaseTools::status, this::orphans);
            Map<String, Outcome<List<MigrationStatus>>> outcomes = survey.each();
            List<String> orphans = Objects.requireNonNullElse(survey.all().result(), List.of());
            if (options.isJson()) {
                console.out()
                        .println(json(outcomes)
                                .put("orphans", new JsonArray(orphans))
                                .encodePrettily());
            } else {
                table(outcomes);
                orphans.forEach(orphan -> console.out()
                        .println(Failures.printable("orphan: " + orphan + " belongs to no installed plugin")));
                if (survey.all().failure() != null) {
                    console.err().println("not all places could be searched for orphans");
                }
            }
            return outcomes.values().stream().allMatch(DbStatusCommand::isFine) ? ExitCode.SUCCESS : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    /** Without all plugins at hand there is no telling what belongs to none. */
    private Future<List<String>> orphans(DatabaseTools tools, DatabasePlan plan) {
        return options.isForAll()
                ? tools.orphans(plan.plugins().keySet(), plan.prefixes())
                : Future.succeededFuture(List.of());
    }

    private static boolean isFine(Outcome<List<MigrationStatus>> outcome) {
        List<MigrationStatus> lines = outcome.result();
        return lines != null && lines.stream().noneMatch(MigrationStatus::isWrong);
    }

    private void table(Map<String, Outcome<List<MigrationStatus>>> outcomes) {
        TextTable table = new TextTable().row("PLUGIN", "VERSION", "NAME", "KIND", "STATE", "APPLIED AT", "MS");
        outcomes.forEach((id, outcome) -> rows(table, id, outcome));
        console.out().print(table.indentedBy(""));
        outcomes.values().forEach(outcome -> {
            String failure = outcome.failure();
            if (failure != null) {
                console.err().println(Failures.printable(failure));
            }
        });
    }

    private static void rows(TextTable table, String id, Outcome<List<MigrationStatus>> outcome) {
        List<MigrationStatus> lines = outcome.result();
        if (lines == null) {
            table.row(id, NONE, NONE, NONE, "error, see below", NONE, NONE);
        } else if (lines.isEmpty()) {
            table.row(id, NONE, NONE, NONE, "no migrations", NONE, NONE);
        } else {
            lines.forEach(line -> table.row(
                    id,
                    line.version().isPresent() ? String.valueOf(line.version().getAsLong()) : NONE,
                    line.name(),
                    line.kind(),
                    line.state(),
                    line.appliedAt().map(Object::toString).orElse(NONE),
                    line.duration().isPresent() ? String.valueOf(line.duration().getAsLong()) : NONE));
        }
    }

    private static JsonObject json(Map<String, Outcome<List<MigrationStatus>>> outcomes) {
        JsonObject plugins = new JsonObject();
        outcomes.forEach((id, outcome) -> plugins.put(id, json(outcome)));
        return new JsonObject().put("plugins", plugins);
    }

    private static JsonObject json(Outcome<List<MigrationStatus>> outcome) {
        List<MigrationStatus> lines = outcome.result();
        if (lines == null) {
            return new JsonObject().put("error", new JsonObject().put("message", outcome.failure()));
        }
        JsonArray migrations = new JsonArray();
        lines.forEach(line -> migrations.add(json(line)));
        return new JsonObject().put("migrations", migrations);
    }

    private static JsonObject json(MigrationStatus line) {
        return new JsonObject()
                .put("version", line.version().isPresent() ? line.version().getAsLong() : null)
                .put("name", line.name())
                .put("source", line.source())
                .put("kind", line.kind())
                .put("state", line.state())
                .put("appliedAt", line.appliedAt().map(Object::toString).orElse(null))
                .put("duration", line.duration().isPresent() ? line.duration().getAsLong() : null);
    }
}
