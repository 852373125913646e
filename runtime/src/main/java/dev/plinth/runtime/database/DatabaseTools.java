package dev.plinth.runtime.database;

import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.database.DatabaseKind.Place;
import dev.plinth.runtime.database.migration.MigrationStatus;
import dev.plinth.runtime.database.migration.Migrator;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Looks at plugins' databases, and migrates them, without a backend. Any thread; each call opens a connection of its own. */
public final class DatabaseTools {

    private final Function<String, Resolution> plan;
    private final List<DatabaseKind<?>> kinds;
    private final Migrator migrator;

    /** As {@link DatabaseVerticle} takes them. */
    public DatabaseTools(Function<String, Resolution> plan, List<DatabaseKind<?>> kinds, Migrator migrator) {
        this.plan = plan;
        this.kinds = List.copyOf(kinds);
        this.migrator = migrator;
    }

    /** What the way to the database and the database itself are like. Makes nothing. */
    public Future<Inspection> inspect(String pluginId) {
        return at(pluginId, Place::inspect);
    }

    /** Where each migration stands; all are pending where there is no database yet. Makes nothing. */
    public Future<List<MigrationStatus>> status(DatabaseRequest request) {
        return at(request.pluginId(), place -> place.exists()
                .compose(exists -> exists
                        ? using(place.connect(), connection -> migrator.status(connection, request, place.migrations()))
                        : migrator.statusOfNothing(request, place.migrations())));
    }

    /** Creates what is missing, and applies what is pending; answers what that was. */
    public Future<List<MigrationStatus>> migrate(DatabaseRequest request) {
        return at(
                request.pluginId(),
                place -> using(place.provisionAndConnect(), connection -> migrator.status(
                                connection, request, place.migrations())
                        .compose(before -> migrator.migrate(connection, request, place.migrations())
                                .map(pending(before)))));
    }

    /** What is pending; everything where there is no database yet. Makes nothing. */
    public Future<List<MigrationStatus>> pending(DatabaseRequest request) {
        return status(request).map(DatabaseTools::pending);
    }

    private static List<MigrationStatus> pending(List<MigrationStatus> lines) {
        return lines.stream().filter(MigrationStatus::isPending).toList();
    }

    /** Accepts the text that changed migrations have now; answers whose. */
    public Future<List<String>> repair(DatabaseRequest request) {
        return at(
                request.pluginId(),
                place ->
                        using(place.connect(), connection -> migrator.repair(connection, request, place.migrations())));
    }

    /**
     * Databases, schemas and files of plugins that are no longer installed, in words. Drops nothing.
     *
     * @param installed the ids of all that are
     */
    public Future<List<String>> orphans(Collection<String> installed, NamePrefixes prefixes) {
        List<DatabaseSettings> used = installed.stream()
                .flatMap(id -> plan.apply(id).settings().stream())
                .toList();
        List<Future<List<String>>> found =
                kinds.stream().map(kind -> kind.orphans(used, prefixes)).toList();
        return Future.all(found)
                .map(done ->
                        found.stream().flatMap(each -> each.result().stream()).toList());
    }

    /** Copies the database into a new file in this directory; answers the file. */
    public Future<Path> backup(String pluginId, Path directory) {
        return at(pluginId, place -> place.backup(directory));
    }

    private static <T> Future<T> using(Future<SqlConnection> opened, Function<SqlConnection, Future<T>> work) {
        return opened.compose(connection -> work.apply(connection).eventually(connection::close));
    }

    private <T> Future<T> at(String pluginId, Function<Place<?>, Future<T>> work) {
        return Future.<Place<?>>future(promise -> promise.complete(DatabaseKind.place(kinds, plan.apply(pluginId))))
                .compose(place -> work.apply(place).recover(place::named));
    }

    public Future<?> close() {
        return Future.join(kinds.stream().map(kind -> kind.connector().close()).toList());
    }
}
