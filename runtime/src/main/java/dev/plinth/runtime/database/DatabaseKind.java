package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All that the database verticle needs to know of one kind of database. */
public record DatabaseKind<S extends DatabaseSettings>(Class<S> settings, Connector<S> connector) {

    /**
     * The one that knows how to serve a plugin.
     *
     * @throws dev.plinth.runtime.config.ConfigException when the plugin's configuration is wrong
     * @throws DatabaseUnavailableException when it is for none of these kinds
     */
    static Place<?> place(List<DatabaseKind<?>> kinds, Resolution resolution) {
        DatabaseSettings settings = resolution.require();
        KeyOrigins origins = new KeyOrigins(resolution.origins());
        return kinds.stream()
                .flatMap(kind -> kind.place(settings, origins).stream())
                .findFirst()
                .orElseThrow(() -> new DatabaseUnavailableException("plugin '" + settings.pluginId()
                        + "': this runtime has no connector for " + settings.location()));
    }

    /** What lies about of this kind and belongs to none of these plugins. */
    Future<List<String>> orphans(Collection<DatabaseSettings> installed, NamePrefixes prefixes) {
        return connector.orphans(
                installed.stream()
                        .filter(settings::isInstance)
                        .map(settings::cast)
                        .toList(),
                prefixes);
    }

    Stream<Context> loops() {
        return connector.loops().stream();
    }

    private Optional<Place<S>> place(DatabaseSettings any, KeyOrigins origins) {
        return settings.isInstance(any)
                ? Optional.of(new Place<>(this, settings.cast(any), origins))
                : Optional.empty();
    }

    /** One plugin's settings with the kind of database that they are for, and where they stand. */
    record Place<S extends DatabaseSettings>(DatabaseKind<S> kind, S settings, KeyOrigins origins) {

        /** Tells place, remedy, and the key with file and line, of whatever met preparing this database. */
        <T> Future<T> named(Throwable failure) {
            return Future.failedFuture(origins.complete(PassingFailures.name(settings, failure)));
        }

        String server() {
            return kind.connector().server(settings);
        }

        Future<Void> probe() {
            return kind.connector().probe(settings).recover(this::named);
        }

        boolean isShownByConnecting(Throwable failure) {
            return kind.connector().isShownByConnecting(failure);
        }

        Future<Void> tryToWrite() {
            return kind.connector().tryToWrite(settings);
        }

        Future<Connector.Prepared> prepare() {
            return kind.connector().prepare(settings);
        }

        int preparedAtOnce() {
            return kind.connector().preparedAtOnce(settings);
        }

        Future<Void> closeLater(SqlConnection connection) {
            return kind.connector().closeLater(settings, connection);
        }

        void prepareEarly() {
            kind.connector().prepareEarly(settings);
        }

        Future<SqlConnection> provisionAndConnect() {
            return kind.connector().provisionAndConnect(settings);
        }

        Future<SqlConnection> connect() {
            return kind.connector().connect(settings);
        }

        Future<Boolean> exists() {
            return kind.connector().exists(settings);
        }

        Future<Inspection> inspect() {
            return kind.connector().inspect(settings).map(origins::complete);
        }

        MigrationDialect migrations() {
            return kind.connector().migrations(settings);
        }

        Future<Path> backup(Path directory) {
            return kind.connector().backup(settings, directory).recover(this::named);
        }

        ConnectionSource open() {
            return origins.complete(kind.connector().open(settings));
        }
    }
}
