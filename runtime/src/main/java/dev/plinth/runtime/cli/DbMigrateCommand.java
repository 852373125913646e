package dev.plinth.runtime.cli;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.cli.DbOptions.Outcome;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Applies pending migrations as a start would. */
@Command(
        name = "migrate",
        description = "Create what is missing and apply pending migrations, without starting the plugins.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbMigrateCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final DbOptions options = new DbOptions();

    @Option(names = "--dry-run", description = "Print the SQL of pending migrations, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--repair",
            description = "First accept the present text of migrations that were changed after they ran.")
    private boolean repair;

    DbMigrateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Map<String, Outcome<String>> outcomes = options.each(console, dryRun ? this::describe : this::migrate);
            report(outcomes);
            return outcomes.values().stream().allMatch(outcome -> outcome.failure() == null)
                    ? ExitCode.SUCCESS
                    : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    private Future<String> migrate(DatabaseTools tools, DatabaseRequest request) {
        Future<List<String>> repaired = repair ? tools.repair(request) : Future.succeededFuture(List.of());
        return repaired.compose(files -> pending(tools, request).compose(before -> tools.migrate(request)
                .map(done -> "-- " + request.pluginId() + ": "
                        + (files.isEmpty() ? "" : "accepted " + String.join(", ", files) + "; ")
                        + (before.isEmpty() ? "nothing to do" : "applied " + names(before)) + "\n")));
    }

    private Future<String> describe(DatabaseTools tools, DatabaseRequest request) {
        return pending(tools, request)
                .map(pending -> pending.isEmpty()
                        ? "-- " + request.pluginId() + ": nothing to do\n"
                        : pending.stream()
                                .map(line -> "-- " + request.pluginId() + ": " + line.source() + "\n" + line.script())
                                .collect(Collectors.joining("\n")));
    }

    private static Future<List<MigrationStatus>> pending(DatabaseTools tools, DatabaseRequest request) {
        return tools.status(request)
                .map(lines -> lines.stream().filter(MigrationStatus::isPending).toList());
    }

    private static String names(List<MigrationStatus> pending) {
        return pending.stream().map(MigrationStatus::source).collect(Collectors.joining(", "));
    }

    private void report(Map<String, Outcome<String>> outcomes) {
        if (options.isJson()) {
            JsonObject plugins = new JsonObject();
            outcomes.forEach((id, outcome) -> plugins.put(
                    id,
                    outcome.failure() == null
                            ? new JsonObject().put("result", outcome.result())
                            : new JsonObject().put("error", new JsonObject().put("message", outcome.failure()))));
            console.out().println(new JsonObject().put("plugins", plugins).encodePrettily());
            return;
        }
        outcomes.values().forEach(outcome -> {
            String failure = outcome.failure();
            if (failure == null) {
                console.out().print(outcome.result());
            } else {
                console.err().println(Failures.printable(failure));
            }
        });
    }
}
