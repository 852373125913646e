package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.http.admin.PluginOrder;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the plugins of a running backend, and replaces, stops and starts them one by one. */
@Command(
        name = "plugin",
        description = "Show the plugins of a running backend, and reload, restart, stop and start them.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class PluginCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    private PluginCommand() {}

    static CommandLine of(Console console) {
        return new CommandLine(new PluginCommand())
                .addSubcommand(new ListPlugins(console))
                .addSubcommand(new Reload(console))
                .addSubcommand(new Restart(console))
                .addSubcommand(new Stop(console))
                .addSubcommand(new Start(console));
    }

    /** Without a verb of its own: the help. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /** Where each plugin stands. */
    @Command(name = "list", description = "Show where each plugin stands. Exit code 0, whatever their state.")
    private static final class ListPlugins implements Callable<Integer> {

        private final Console console;

        @Mixin
        private final InstanceOptions options = new InstanceOptions();

        ListPlugins(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            return options.with(console, instance -> {
                print(console, options, instance.get("/admin/plugins"));
                return ExitCode.SUCCESS;
            });
        }
    }

    private static void print(Console console, InstanceOptions options, JsonObject document) {
        console.out()
                .print(
                        options.isJson()
                                ? document.encodePrettily() + "\n"
                                : PluginTable.of(document, console::shortened));
    }

    /** What the verbs have in common that change something. */
    private abstract static class Order implements Callable<Integer> {

        private final Console console;
        private final PluginOrder order;

        @Mixin
        private final InstanceOptions options = new InstanceOptions();

        @Parameters(
                arity = "1..*",
                paramLabel = "ID",
                description = "Ids of plugins, one after the other, whatever becomes of those before.")
        private List<String> ids = List.of();

        Order(Console console, PluginOrder order) {
            this.console = console;
            this.order = order;
        }

        @Override
        public Integer call() {
            if (ids.stream().anyMatch(String::isBlank)) {
                return Failures.report(
                        console, new ConfigException(Failures.usage("a plugin's id is not empty")), options.isJson());
            }
            return options.with(console, this::order);
        }

        private int order(RunningInstance instance) {
            JsonArray plugins = new JsonArray();
            Map<String, InstanceException> refused = new LinkedHashMap<>();
            for (String id : ids) {
                try {
                    plugins.addAll(instance.post(path(id), new JsonObject()).getJsonArray("plugins"));
                } catch (InstanceException e) {
                    refused.putIfAbsent(e.getMessage(), e);
                }
            }
            if (!plugins.isEmpty()) {
                print(console, options, new JsonObject().put("plugins", plugins));
            }
            if (!refused.isEmpty()) {
                Failures.report(console, options.isJson(), refused.values());
            }
            return refused.values().stream()
                    .mapToInt(InstanceException::exitCode)
                    .max()
                    .orElse(ExitCode.SUCCESS);
        }

        private String path(String id) {
            return "/admin/plugins/"
                    + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20") + "/" + order;
        }
    }

    /** The newest jar. */
    @Command(
            name = "reload",
            description =
                    "Replace the plugins of this plugin's jar by what the jar holds now. The old ones go on serving"
                            + " when the new ones fail.")
    private static final class Reload extends Order {
        Reload(Console console) {
            super(console, PluginOrder.RELOAD);
        }
    }

    /** The same version again. */
    @Command(
            name = "restart",
            description = "Stop the plugin and start the same version again; its requests wait meanwhile.")
    private static final class Restart extends Order {
        Restart(Console console) {
            super(console, PluginOrder.RESTART);
        }
    }

    /** Until it is started again. */
    @Command(name = "stop", description = "Stop the plugin, until it is started again; its requests are refused.")
    private static final class Stop extends Order {
        Stop(Console console) {
            super(console, PluginOrder.STOP);
        }
    }

    /** After a stop or a failure. */
    @Command(name = "start", description = "Start a plugin that is stopped or has failed.")
    private static final class Start extends Order {
        Start(Console console) {
            super(console, PluginOrder.START);
        }
    }
}
