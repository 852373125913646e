package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.Config;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks at the plugins' databases, and brings them up to date. */
@Command(
        name = "db",
        description = "Look at the plugins' databases, and bring them up to date.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    private DbCommand() {}

    static CommandLine of(Console console, Function<Config, List<String>> installedPlugins) {
        return new CommandLine(new DbCommand())
                .addSubcommand(new DbPlanCommand(console, installedPlugins))
                .addSubcommand(new DbCheckCommand(console))
                .addSubcommand(new DbStatusCommand(console))
                .addSubcommand(new DbMigrateCommand(console))
                .addSubcommand(new DbBackupCommand(console))
                .addSubcommand(new DbPoolsCommand(console))
                .addSubcommand(new DbExplainSqlCommand(console));
    }

    /** Without a verb of its own: the help. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
