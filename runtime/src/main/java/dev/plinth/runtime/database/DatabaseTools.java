package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.database.DatabaseKind.Place;
import dev.plinth.runtime.database.migration.MigrationStatus;
import dev.plinth.runtime.database.migration.Migrator;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.function.Function;

/** Looks at plugins' databases, and migrates them, without a backend. Any thread; each call opens a connection of its own. */
public final class DatabaseTools {

    private final Function<String, Future<? extends DatabaseSettings>> settings;
    private final List<DatabaseKind<?>> kinds;
    private final Migrator migrator;

    /** As {@link DatabaseVerticle} takes them. */
    public DatabaseTools(
            Function<String, Future<? extends DatabaseSettings>> settings,
            List<DatabaseKind<?>> kinds,
            Migrator migrator) {
        this.settings = settings;
        this.kinds = List.copyOf(kinds);
        this.migrator = migrator;
    }

    /** What the way to the database and the database itself are like. Makes nothing. */
    public Future<Inspection> inspect(String pluginId) {
        return place(pluginId).compose(Place::inspect);
    }

    /** Where each migration stands; all are pending where there is no database yet. Makes nothing. */
    public Future<List<MigrationStatus>> status(DatabaseRequest request) {
        return place(request.pluginId()).compose(place -> place.exists()
                .compose(exists -> exists
                        ? using(
                                place.connect(),
                                connection -> migrator.status(
                                        connection, request, place.kind().migrations()))
                        : migrator.statusOfNothing(request, place.kind().migrations())));
    }

    /** Creates what is missing, and applies what is pending. */
    public Future<Void> migrate(DatabaseRequest request) {
        return place(request.pluginId())
                .compose(place -> using(
                        place.provisionAndConnect(),
                        connection -> migrator.migrate(
                                connection, request, place.kind().migrations())));
    }

    /** Accepts the text that changed migrations have now; answers whose. */
    public Future<List<String>> repair(DatabaseRequest request) {
        return place(request.pluginId())
                .compose(place -> using(
                        place.connect(),
                        connection -> migrator.repair(
                                connection, request, place.kind().migrations())));
    }

    private static <T> Future<T> using(Future<SqlConnection> opened, Function<SqlConnection, Future<T>> work) {
        return opened.compose(connection -> work.apply(connection).eventually(connection::close));
    }

    private Future<Place<?>> place(String pluginId) {
        return settings.apply(pluginId).map(resolved -> kinds.stream()
                .flatMap(kind -> kind.place(resolved).stream())
                .findFirst()
                .orElseThrow(() -> new DatabaseUnavailableException(
                        "plugin '" + pluginId + "': this runtime has no connector for " + resolved.location())));
    }

    public Future<?> close() {
        return Future.join(kinds.stream().map(kind -> kind.connector().close()).toList());
    }
}
