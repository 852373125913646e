package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Selection;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabaseDocuments;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
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

    @Mixin
    private final InstanceAddress address = new InstanceAddress();

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
            Selection selection = options.select(console);
            JsonObject order = new JsonObject().put("dryRun", dryRun).put("repair", repair);
            JsonObject document = options.answer(
                    console,
                    address,
                    selection,
                    instance -> options.ofEach(which -> instance.post("/admin/databases/migrations" + which, order)),
                    tools -> new DatabaseDocuments(tools).migrate(selection.requests(), dryRun, repair));
            return selection.exitCode(show(document));
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    /** Whether it went well with each. */
    private boolean show(JsonObject document) {
        List<JsonObject> outcomes = document.getJsonObject("plugins").stream()
                .map(plugin -> (JsonObject) plugin.getValue())
                .toList();
        if (options.isJson()) {
            console.out().println(document.encodePrettily());
        } else {
            outcomes.forEach(this::print);
        }
        return outcomes.stream().noneMatch(outcome -> outcome.containsKey("error"));
    }

    private void print(JsonObject outcome) {
        JsonObject error = outcome.getJsonObject("error");
        if (error == null) {
            console.out().print(outcome.getString("result"));
        } else {
            console.err().println(Failures.printable(error.getString("message")));
        }
    }
}
