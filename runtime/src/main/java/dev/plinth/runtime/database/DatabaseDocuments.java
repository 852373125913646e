package dev.plinth.runtime.database;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.database.migration.MigrationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What operators are told of migrations, one plugin after the other. Each plugin has its own {@code error}; never fails. */
public final class DatabaseDocuments {

    private final DatabaseTools tools;

    public DatabaseDocuments(DatabaseTools tools) {
        this.tools = tools;
    }

    /** Where each migration of these plugins stands. */
    public Future<JsonObject> status(List<DatabaseRequest> requests) {
        return each(requests, request -> tools.status(request).map(DatabaseDocuments::migrations));
    }

    /** The same of all plugins that are installed, and what removed ones left. */
    public Future<JsonObject> statusOfAll(List<DatabaseRequest> requests, NamePrefixes prefixes) {
        Collection<String> installed =
                requests.stream().map(DatabaseRequest::pluginId).toList();
        return status(requests).compose(document -> tools.orphans(installed, prefixes)
                .map(orphans -> document.put("orphans", new JsonArray(orphans)))
                .otherwise(failure -> document.put("orphans", new JsonArray())
                        .put("orphansError", String.valueOf(failure.getMessage()))));
    }

    /**
     * Brings these plugins' databases up to date.
     *
     * @param dryRun only tell the SQL of what is pending
     * @param repair first accept the present text of migrations that were changed after they ran
     */
    public Future<JsonObject> migrate(List<DatabaseRequest> requests, boolean dryRun, boolean repair) {
        return each(requests, request -> (dryRun ? describe(request) : migrate(request, repair))
                .map(result -> new JsonObject().put("result", result)));
    }

    /** Copies these plugins' databases, as they are at one moment, into files in a directory. */
    public Future<JsonObject> backup(List<DatabaseRequest> requests, Path directory) {
        return each(requests, request -> tools.backup(request.pluginId(), directory)
                .map(file -> new JsonObject().put("file", file.toString())));
    }

    private static Future<JsonObject> each(
            List<DatabaseRequest> requests, Function<DatabaseRequest, Future<JsonObject>> work) {
        JsonObject plugins = new JsonObject();
        Future<Void> before = Future.succeededFuture();
        for (DatabaseRequest request : requests) {
            before = before.compose(done -> work.apply(request))
                    .otherwise(DatabaseDocuments::error)
                    .onSuccess(document -> plugins.put(request.pluginId(), document))
                    .mapEmpty();
        }
        return before.map(done -> new JsonObject().put("plugins", plugins));
    }

    private static JsonObject error(Throwable failure) {
        return new JsonObject().put("error", new JsonObject().put("message", String.valueOf(failure.getMessage())));
    }

    private static JsonObject migrations(List<MigrationStatus> lines) {
        JsonArray migrations = new JsonArray();
        lines.forEach(line -> migrations.add(migration(line)));
        return new JsonObject().put("migrations", migrations);
    }

    private static JsonObject migration(MigrationStatus line) {
        return new JsonObject()
                .put("version", line.version().isPresent() ? line.version().getAsLong() : null)
                .put("name", line.name())
                .put("source", line.source())
                .put("kind", line.kind())
                .put("state", line.state())
                .put("appliedAt", line.appliedAt().map(Object::toString).orElse(null))
                .put("duration", line.duration().isPresent() ? line.duration().getAsLong() : null);
    }

    private Future<String> migrate(DatabaseRequest request, boolean repair) {
        Future<List<String>> repaired = repair ? tools.repair(request) : Future.succeededFuture(List.of());
        return repaired.compose(files -> tools.migrate(request)
                .map(applied -> "-- " + request.pluginId() + ": "
                        + (files.isEmpty() ? "" : "accepted " + String.join(", ", files) + "; ")
                        + (applied.isEmpty() ? "nothing to do" : "applied " + names(applied)) + "\n"));
    }

    private Future<String> describe(DatabaseRequest request) {
        return tools.pending(request)
                .map(pending -> pending.isEmpty()
                        ? "-- " + request.pluginId() + ": nothing to do\n"
                        : pending.stream()
                                .map(line -> "-- " + request.pluginId() + ": " + line.source() + "\n" + line.script())
                                .collect(Collectors.joining("\n")));
    }

    private static String names(List<MigrationStatus> pending) {
        return pending.stream().map(MigrationStatus::source).collect(Collectors.joining(", "));
    }
}
