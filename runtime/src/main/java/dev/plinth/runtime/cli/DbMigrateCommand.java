package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Selection;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabaseDocuments;
import io.vertx.core.json.JsonObject;
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
            return selection.exitCode(options.show(console, document, done -> done.getString("result")));
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, options.isJson());
        }
    }
}
