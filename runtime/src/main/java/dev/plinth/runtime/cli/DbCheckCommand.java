package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Outcome;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.Inspection;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Connects to each plugin's database and says what is in the way. Changes nothing. */
@Command(
        name = "check",
        description = "Connect to each plugin's database, and say what is in the way and how to clear it.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbCheckCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final DbOptions options = new DbOptions();

    DbCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Map<String, Outcome<Inspection>> outcomes =
                    options.each(console, (tools, request) -> tools.inspect(request.pluginId())
                            .compose(found -> tools.status(request)
                                    .transform(status -> Future.succeededFuture(
                                            status.succeeded()
                                                    ? with(found, status.result())
                                                    : with(
                                                            found,
                                                            String.valueOf(status.cause()
                                                                    .getMessage()))))));
            if (options.isJson()) {
                console.out().println(json(outcomes).encodePrettily());
            } else {
                outcomes.forEach(this::print);
            }
            return outcomes.values().stream().allMatch(DbCheckCommand::isFine) ? ExitCode.SUCCESS : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    private static Inspection with(Inspection found, List<MigrationStatus> status) {
        long pending = status.stream().filter(MigrationStatus::isPending).count();
        long wrong = status.stream().filter(MigrationStatus::isWrong).count();
        String text = status.isEmpty()
                ? "none"
                : wrong > 0 ? wrong + " in the way, see db status" : pending == 0 ? "up to date" : pending + " pending";
        Map<String, String> facts = new LinkedHashMap<>(found.facts());
        facts.put("migrations", text);
        return new Inspection(facts, found.problems());
    }

    private static Inspection with(Inspection found, String problem) {
        List<String> problems = new ArrayList<>(found.problems());
        problems.add(problem);
        return new Inspection(found.facts(), problems);
    }

    private static boolean isFine(Outcome<Inspection> outcome) {
        Inspection found = outcome.result();
        return found != null && found.problems().isEmpty();
    }

    private void print(String id, Outcome<Inspection> outcome) {
        console.out().println(id);
        TextTable table = new TextTable();
        Inspection found = outcome.result();
        if (found == null) {
            table.row("reachable", "no");
            table.row("problem", Failures.printable(String.valueOf(outcome.failure())));
        } else {
            table.row("reachable", "yes");
            found.facts().forEach(table::row);
            found.problems().forEach(problem -> table.row("problem", Failures.printable(problem)));
        }
        console.out().print(table.indentedBy("  "));
    }

    private static JsonObject json(Map<String, Outcome<Inspection>> outcomes) {
        JsonObject plugins = new JsonObject();
        outcomes.forEach((id, outcome) -> plugins.put(id, json(outcome)));
        return new JsonObject().put("plugins", plugins);
    }

    private static JsonObject json(Outcome<Inspection> outcome) {
        Inspection found = outcome.result();
        if (found == null) {
            return new JsonObject()
                    .put("reachable", false)
                    .put("problems", new JsonArray().add(String.valueOf(outcome.failure())));
        }
        JsonObject json = new JsonObject().put("reachable", true);
        found.facts().forEach(json::put);
        return json.put("problems", new JsonArray(List.copyOf(found.problems())));
    }
}
