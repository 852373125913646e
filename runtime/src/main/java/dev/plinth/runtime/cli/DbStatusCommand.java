package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Selection;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabaseDocuments;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
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

    @Mixin
    private final InstanceAddress address = new InstanceAddress();

    DbStatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Selection selection = options.select(console);
            JsonObject document = options.answer(
                    console,
                    address,
                    selection,
                    instance -> options.ofEach(which -> instance.get("/admin/databases/migrations" + which)),
                    tools -> status(new DatabaseDocuments(tools), selection));
            show(document);
            if (!selection.complete()) {
                console.err().println("no search for orphans: not every plugin could be read");
            }
            return selection.exitCode(document.getJsonObject("plugins").stream()
                    .allMatch(plugin -> isFine((JsonObject) plugin.getValue())));
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    /** Without all plugins at hand there is no telling what belongs to none. */
    private Future<JsonObject> status(DatabaseDocuments documents, Selection selection) {
        return options.isForAll() && selection.complete()
                ? documents.statusOfAll(selection.requests(), selection.plan().prefixes())
                : documents.status(selection.requests());
    }

    private static boolean isFine(JsonObject plugin) {
        return !plugin.containsKey("error")
                && migrations(plugin).stream().noneMatch(line -> MigrationStatus.isWrong(line.getString("state")));
    }

    private void show(JsonObject document) {
        JsonArray orphans = document.getJsonArray("orphans", new JsonArray());
        if (options.isJson()) {
            console.out().println(document.put("orphans", orphans).encodePrettily());
            return;
        }
        table(document.getJsonObject("plugins"));
        orphans.forEach(orphan ->
                console.out().println(Failures.printable("orphan: " + orphan + " belongs to no installed plugin")));
        if (document.containsKey("orphansError")) {
            console.err().println("not all places could be searched for orphans");
        }
    }

    private void table(JsonObject plugins) {
        TextTable table = new TextTable().row("PLUGIN", "VERSION", "NAME", "KIND", "STATE", "APPLIED AT", "MS");
        plugins.forEach(plugin -> rows(table, plugin.getKey(), (JsonObject) plugin.getValue()));
        console.out().print(table.indentedBy(""));
        plugins.stream()
                .map(plugin -> ((JsonObject) plugin.getValue()).getJsonObject("error"))
                .filter(Objects::nonNull)
                .forEach(error -> console.err().println(Failures.printable(error.getString("message"))));
    }

    private static void rows(TextTable table, String id, JsonObject plugin) {
        List<JsonObject> lines = migrations(plugin);
        if (plugin.containsKey("error")) {
            table.row(id, NONE, NONE, NONE, "error, see below", NONE, NONE);
        } else if (lines.isEmpty()) {
            table.row(id, NONE, NONE, NONE, "no migrations", NONE, NONE);
        } else {
            lines.forEach(line -> table.row(
                    id,
                    text(line, "version"),
                    text(line, "name"),
                    text(line, "kind"),
                    text(line, "state"),
                    text(line, "appliedAt").replaceFirst("\\.\\d+", ""),
                    text(line, "duration")));
        }
    }

    private static List<JsonObject> migrations(JsonObject plugin) {
        return plugin.getJsonArray("migrations", new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private static String text(JsonObject line, String name) {
        Object value = line.getValue(name);
        return value == null ? NONE : String.valueOf(value);
    }
}
