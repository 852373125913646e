package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Selection;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.database.DatabaseDocuments;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Copies plugins' databases, each into a file of its own. */
@Command(
        name = "backup",
        description =
                "Copy each plugin's SQLite database, as it is at one moment, into DIR/<plugin>.sqlite. While a backend"
                        + " serves, it makes the copies itself. For PostgreSQL use pg_dump.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbBackupCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final DbOptions options = new DbOptions();

    @Mixin
    private final InstanceAddress address = new InstanceAddress();

    @Parameters(paramLabel = "DIR", description = "Where the copies go; made where it is missing.")
    private Path directory = Path.of("");

    DbBackupCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Path target = console.workingDirectory().resolve(directory);
            Selection selection = options.select(console);
            JsonObject order = new JsonObject().put("directory", target.toString());
            JsonObject document = options.answer(
                    console,
                    address,
                    selection,
                    instance -> options.ofEach(which -> instance.post("/admin/databases/backup" + which, order)),
                    tools -> new DatabaseDocuments(tools).backup(selection.requests(), target));
            boolean well = options.show(console, document, copy -> copy.getString("file") + System.lineSeparator());
            return well ? ExitCode.SUCCESS : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, options.isJson());
        }
    }
}
