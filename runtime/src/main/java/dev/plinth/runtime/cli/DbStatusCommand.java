package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Outcome;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows where each plugin's migrations stand. Changes nothing. */
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
            Map<String, Outcome<List<MigrationStatus>>> outcomes =
                    options.each(console, (tools, request) -> tools.status(request));
            if (options.isJson()) {
                console.out().println(json(outcomes).encodePrettily());
            } else {
                table(outcomes);
            }
            return outcomes.values().stream().allMatch(DbStatusCommand::isFine) ? ExitCode.SUCCESS : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        }
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
