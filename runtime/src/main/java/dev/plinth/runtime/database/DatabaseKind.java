package dev.plinth.runtime.database;

import dev.plinth.runtime.database.migration.MigrationDialect;
import dev.plinth.runtime.database.pool.ConnectionSource;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;

/** All that the database verticle needs to know of one kind of database. */
public record DatabaseKind<S extends DatabaseSettings>(
        Class<S> settings, Connector<S> connector, MigrationDialect migrations) {

    /** Empty when these settings are for another kind. */
    Optional<Place<S>> place(DatabaseSettings any) {
        return settings.isInstance(any) ? Optional.of(new Place<>(this, settings.cast(any))) : Optional.empty();
    }

    /** One plugin's settings with the kind of database that they are for. */
    record Place<S extends DatabaseSettings>(DatabaseKind<S> kind, S settings) {

        String server() {
            return kind.connector().server(settings);
        }

        Future<Void> probe() {
            return kind.connector().probe(settings);
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
            return kind.connector().inspect(settings);
        }

        ConnectionSource open() {
            return kind.connector().open(settings);
        }
    }
}
