package dev.plinth.runtime.cli;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.cli.DbOptions.Selection;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.Inspection;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

    @Mixin
    private final InstanceAddress address = new InstanceAddress();

    DbCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Selection selection = options.select(console);
            OpenFiles open = OpenFiles.of(options.running(console, address, selection));
            Map<String, Outcome> outcomes =
                    options.alone(selection, tools -> checkEach(tools, open, selection.requests()));
            if (options.isJson()) {
                console.out().println(json(outcomes).encodePrettily());
            } else {
                outcomes.forEach((id, outcome) -> print(selection.plan(), id, outcome));
            }
            return selection.exitCode(outcomes.values().stream().allMatch(DbCheckCommand::isFine));
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    /** What was found of one plugin, or why nothing could be. */
    private record Outcome(@Nullable Inspection result, @Nullable String failure) {}

    /** One after the other. */
    private static Future<Map<String, Outcome>> checkEach(
            DatabaseTools tools, OpenFiles open, List<DatabaseRequest> requests) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        Future<Void> before = Future.succeededFuture();
        for (DatabaseRequest request : requests) {
            String id = request.pluginId();
            before = before.compose(done -> open.inspect(id)
                            .map(Future::succeededFuture)
                            .orElseGet(() -> check(tools, request).map(found -> open.explain(id, found))))
                    .map(found -> new Outcome(found, null))
                    .otherwise(failure -> new Outcome(null, String.valueOf(failure.getMessage())))
                    .onSuccess(outcome -> outcomes.put(request.pluginId(), outcome))
                    .mapEmpty();
        }
        return before.map(done -> outcomes);
    }

    private static Future<Inspection> check(DatabaseTools tools, DatabaseRequest request) {
        return tools.inspect(request.pluginId()).compose(found -> tools.status(request)
                .map(status -> with(found, status))
                .otherwise(failure -> found.with(String.valueOf(failure.getMessage()))));
    }

    private static Inspection with(Inspection found, List<MigrationStatus> status) {
        return with(
                found,
                status.size(),
                status.stream().filter(MigrationStatus::isPending).count(),
                status.stream().filter(MigrationStatus::isWrong).count());
    }

    private static Inspection with(Inspection found, int all, long pending, long wrong) {
        String text = all == 0
                ? "none"
                : wrong > 0 ? wrong + " in the way, see db status" : pending == 0 ? "up to date" : pending + " pending";
        Map<String, String> facts = new LinkedHashMap<>(found.facts());
        facts.put("migrations", text);
        Inspection told = new Inspection(facts, found.problems(), found.migrating());
        return pending > 0 ? found.migrating().map(told::with).orElse(told) : told;
    }

    private static boolean isFine(Outcome outcome) {
        Inspection found = outcome.result();
        return found != null && found.problems().isEmpty();
    }

    private void print(DatabasePlan plan, String id, Outcome outcome) {
        console.out().println(id);
        TextTable table = new TextTable();
        Optional.ofNullable(plan.plugins().get(id))
                .flatMap(Resolution::settings)
                .ifPresent(settings -> table.row("database", Failures.printable(settings.location())));
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

    private static JsonObject json(Map<String, Outcome> outcomes) {
        JsonObject plugins = new JsonObject();
        outcomes.forEach((id, outcome) -> plugins.put(id, json(outcome)));
        return new JsonObject().put("plugins", plugins);
    }

    private static JsonObject json(Outcome outcome) {
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

    /**
     * SQLite files that a running backend keeps to itself: it answers for them.
     *
     * @param states by plugin id, as the backend sees them
     * @param migrations by plugin id
     */
    private record OpenFiles(JsonObject states, JsonObject migrations) {

        private static final Map<String, String> USED = Map.of("used by", "the running backend");

        static OpenFiles of(Optional<RunningInstance> running) {
            return running.map(instance -> new OpenFiles(
                            plugins(instance, "/admin/databases"), plugins(instance, "/admin/databases/migrations")))
                    .orElseGet(() -> new OpenFiles(new JsonObject(), new JsonObject()));
        }

        private static JsonObject plugins(RunningInstance instance, String path) {
            return instance.get(path).getJsonObject("plugins");
        }

        /** Empty for what it does not use, or cannot. */
        Optional<Inspection> inspect(String pluginId) {
            return isFile(pluginId, "up")
                    ? Optional.of(opened(migrations.getJsonObject(pluginId, new JsonObject())))
                    : Optional.empty();
        }

        /** A backend that has the file open, and trouble with it, knows more than that it is open, or gone. */
        Inspection explain(String pluginId, Inspection found) {
            boolean nothingElse = found.problems().stream().allMatch(problem -> problem.contains(" is in use by "));
            return nothingElse && isFile(pluginId, "down")
                    ? new Inspection(
                            USED, List.of(states.getJsonObject(pluginId).getString("reason")))
                    : found;
        }

        private boolean isFile(String pluginId, String itsState) {
            JsonObject state = states.getJsonObject(pluginId, new JsonObject());
            return "sqlite".equals(state.getString("client")) && itsState.equals(state.getString("state"));
        }

        private static Inspection opened(JsonObject plugin) {
            Inspection found = new Inspection(USED, List.of());
            List<String> lines = plugin.getJsonArray("migrations", new JsonArray()).stream()
                    .map(line -> ((JsonObject) line).getString("state"))
                    .toList();
            return with(
                    found,
                    lines.size(),
                    lines.stream().filter(MigrationStatus::isPending).count(),
                    lines.stream().filter(MigrationStatus::isWrong).count());
        }
    }
}
