package dev.plinth.runtime.cli;

import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.DatabaseWiring;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.settings.DatabaseSettingsResolver;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginDescriptor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the verbs have in common that work on the databases of installed plugins. A mixin. */
final class DbOptions {

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(names = "--plugin", paramLabel = "ID", description = "Only this plugin; repeatable. By default all.")
    private List<String> plugins = new ArrayList<>();

    @Option(names = "--format", converter = Format.Converter.class, description = "json, for programs.")
    private @Nullable Format format;

    boolean isJson() {
        return format == Format.JSON;
    }

    /** Whether all installed plugins are meant. */
    boolean isForAll() {
        return plugins.isEmpty();
    }

    /** How it went with one plugin. */
    record Outcome<T>(@Nullable T result, @Nullable String failure) {}

    /**
     * Does something with every plugin's database, one after the other.
     *
     * @throws ConfigException when the configuration cannot be used, or names no such plugin
     */
    <T> Map<String, Outcome<T>> each(Console console, BiFunction<DatabaseTools, DatabaseRequest, Future<T>> work) {
        return survey(console, work, (tools, plan) -> Future.succeededFuture(""))
                .each();
    }

    /** How it went with each plugin, and with all of them together. */
    record Survey<T, A>(Map<String, Outcome<T>> each, Outcome<A> all) {}

    /** As {@link #each}, and then something with all databases together. */
    <T, A> Survey<T, A> survey(
            Console console,
            BiFunction<DatabaseTools, DatabaseRequest, Future<T>> work,
            BiFunction<DatabaseTools, DatabasePlan, Future<A>> afterwards) {
        Config loaded = ConfigLoader.load(config.request(console)).config();
        List<DatabaseRequest> requests = requests(loaded, console.workingDirectory());
        DatabasePlan plan = new DatabaseSettingsResolver(loaded, console.environment(), console.workingDirectory())
                .resolve(requests.stream().map(DatabaseRequest::pluginId).toList());
        if (!isJson()) {
            Failures.print(console, console.err(), plan.warnings());
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        DatabaseTools tools = DatabaseWiring.tools(vertx, plan);
        try {
            Map<String, Outcome<T>> outcomes = new LinkedHashMap<>();
            requests.forEach(request -> outcomes.put(request.pluginId(), await(() -> work.apply(tools, request))));
            return new Survey<>(outcomes, await(() -> afterwards.apply(tools, plan)));
        } finally {
            await(() -> tools.close().eventually(vertx::close));
        }
    }

    private List<DatabaseRequest> requests(Config loaded, Path workingDirectory) {
        Problems problems = new Problems();
        List<Path> directories = BackendSettings.pluginDirectories(loaded, workingDirectory, problems);
        Discovery discovery = Discovery.run(DbOptions.class.getClassLoader(), directories);
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

    private static <T> Outcome<T> await(Supplier<Future<T>> work) {
        try {
            return new Outcome<>(
                    Future.<Void>succeededFuture()
                            .compose(now -> work.get())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(),
                    null);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Outcome<>(null, String.valueOf(cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome<>(null, "interrupted");
        }
    }
}
