package dev.plinth.runtime.cli;

import dev.plinth.runtime.cli.DbOptions.Outcome;
import dev.plinth.runtime.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Copies plugins' databases, each into a file of its own. */
@Command(
        name = "backup",
        description =
                "Copy each plugin's SQLite database, as it is at one moment, into DIR/<plugin>.sqlite. For PostgreSQL use pg_dump.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbBackupCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final DbOptions options = new DbOptions();

    @Parameters(paramLabel = "DIR", description = "Where the copies go; made where it is missing.")
    private Path directory = Path.of("");

    DbBackupCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try {
            Path target = console.workingDirectory().resolve(directory);
            Map<String, Outcome<Path>> outcomes =
                    options.each(console, (tools, request) -> tools.backup(request.pluginId(), target));
            if (options.isJson()) {
                console.out().println(json(outcomes).encodePrettily());
            } else {
                outcomes.values().forEach(this::print);
            }
            return outcomes.values().stream().allMatch(outcome -> outcome.failure() == null)
                    ? ExitCode.SUCCESS
                    : ExitCode.FAILURE;
        } catch (ConfigException e) {
            return Failures.report(console, e, options.isJson());
        }
    }

    private void print(Outcome<Path> outcome) {
        if (outcome.failure() == null) {
            console.out().println(outcome.result());
        } else {
            console.err().println(Failures.printable(outcome.failure()));
        }
    }

    private static JsonObject json(Map<String, Outcome<Path>> outcomes) {
        JsonObject plugins = new JsonObject();
        outcomes.forEach((id, outcome) -> plugins.put(
                id,
                outcome.failure() == null
                        ? new JsonObject().put("file", String.valueOf(outcome.result()))
                        : new JsonObject().put("error", new JsonObject().put("message", outcome.failure()))));
        return new JsonObject().put("plugins", plugins);
    }
}
