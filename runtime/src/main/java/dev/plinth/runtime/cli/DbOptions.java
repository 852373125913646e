package dev.plinth.runtime.cli;

import dev.plinth.runtime.DatabaseWiring;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.settings.DatabaseSettingsResolver;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginDescriptor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the verbs have in common that work on the databases of installed plugins. A mixin. */
final class DbOptions {

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(names = "--plugin", paramLabel = "ID", description = "Only this plugin; repeatable. By default all.")
    private List<String> plugins = new ArrayList<>();

    @Mixin
    private final JsonOption json = new JsonOption();

    boolean isJson() {
        return json.isGiven();
    }

    /** Whether all installed plugins are meant. */
    boolean isForAll() {
        return plugins.isEmpty();
    }

    /**
     * What a verb works on.
     *
     * @param loaded the configuration
     * @param requests of the selected plugins
     * @param plan of the selected plugins
     * @param complete whether every plugin that was meant could be read from its jar
     */
    record Selection(LoadedConfig loaded, List<DatabaseRequest> requests, DatabasePlan plan, boolean complete) {

        int exitCode(boolean fine) {
            return fine && complete ? ExitCode.SUCCESS : ExitCode.FAILURE;
        }

        /** Whether any of the databases is a file, which a running backend keeps to itself. */
        boolean hasFiles() {
            return plan.plugins().values().stream()
                    .flatMap(resolution -> resolution.settings().stream())
                    .anyMatch(settings -> settings instanceof SqliteSettings sqlite
                            && sqlite.file().filter(Files::exists).isPresent());
        }
    }

    /** @throws ConfigException when the configuration cannot be used, or names no such plugin */
    Selection select(Console console) {
        LoadedConfig loaded = ConfigLoader.load(config.request(console));
        Discovery discovery = discover(console, loaded.config());
        List<DatabaseRequest> requests = requests(discovery);
        boolean complete = !isForAll() || discovery.problems().stream().noneMatch(Problem::isError);
        DatabasePlan plan = new DatabaseSettingsResolver(
                        loaded.config(), console.environment(), console.workingDirectory())
                .resolve(requests.stream().map(DatabaseRequest::pluginId).toList());
        if (!isJson()) {
            Failures.print(console, console.err(), plan.warnings());
        }
        return new Selection(loaded, requests, plan, complete);
    }

    /**
     * Lets the running backend answer when it is named, or when it may have SQLite files open, else works on the databases
     * itself.
     */
    JsonObject answer(
            Console console,
            InstanceAddress address,
            Selection selection,
            Function<RunningInstance, JsonObject> running,
            Function<DatabaseTools, Future<JsonObject>> alone) {
        return running(console, address, selection).map(running).orElseGet(() -> alone(selection, alone));
    }

    /** The backend that is named, or that may have SQLite files open. */
    Optional<RunningInstance> running(Console console, InstanceAddress address, Selection selection) {
        if (address.isGiven()) {
            return Optional.of(address.find(console, selection::loaded));
        }
        return selection.hasFiles() ? address.running(console, selection.loaded()) : Optional.empty();
    }

    /** One document of one plugin each, as the running backend answers for it. */
    JsonObject ofEach(Function<String, JsonObject> ask) {
        if (isForAll()) {
            return ask.apply("");
        }
        JsonObject all = new JsonObject();
        plugins.forEach(id -> all.mergeIn(ask.apply("?plugin=" + URLEncoder.encode(id, StandardCharsets.UTF_8))
                .getJsonObject("plugins")));
        return new JsonObject().put("plugins", all);
    }

    /**
     * Shows what came of a verb for each plugin, errors on stderr.
     *
     * @param result what to print for one that went well
     * @return whether it went well with each
     */
    boolean show(Console console, JsonObject document, Function<JsonObject, String> result) {
        List<JsonObject> outcomes = document.getJsonObject("plugins").stream()
                .map(plugin -> (JsonObject) plugin.getValue())
                .toList();
        if (isJson()) {
            console.out().println(document.encodePrettily());
        } else {
            outcomes.forEach(outcome -> print(console, outcome, result));
        }
        return outcomes.stream().noneMatch(outcome -> outcome.containsKey("error"));
    }

    private static void print(Console console, JsonObject outcome, Function<JsonObject, String> result) {
        JsonObject error = outcome.getJsonObject("error");
        if (error == null) {
            console.out().print(result.apply(outcome));
        } else {
            console.err().println(Failures.printable(error.getString("message")));
        }
    }

    /** Does something with the databases, each on a connection of its own. */
    <T> T alone(Selection selection, Function<DatabaseTools, Future<T>> work) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        DatabaseTools tools = DatabaseWiring.tools(vertx, selection.plan());
        try {
            return work.apply(tools).toCompletionStage().toCompletableFuture().join();
        } finally {
            tools.close()
                    .eventually(vertx::close)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    /** Why a jar cannot be read is told. */
    private static Discovery discover(Console console, Config loaded) {
        Problems problems = new Problems();
        Discovery discovery = new InstalledPlugins(console).discover(loaded, problems);
        problems.throwIfErrors();
        Failures.print(console, console.err(), discovery.problems());
        return discovery;
    }

    private List<DatabaseRequest> requests(Discovery discovery) {
        Problems problems = new Problems();
        List<DatabaseRequest> installed = discovery.plugins().stream()
                .map(PluginDescriptor::databaseRequest)
                .toList();
        List<String> ids = installed.stream().map(DatabaseRequest::pluginId).toList();
        plugins.stream()
                .filter(id -> !ids.contains(id))
                .forEach(id -> problems.add(Failures.usage("plugin '" + id + "' is not installed")));
        problems.throwIfErrors();
        return installed.stream()
                .filter(request -> plugins.isEmpty() || plugins.contains(request.pluginId()))
                .toList();
    }
}
