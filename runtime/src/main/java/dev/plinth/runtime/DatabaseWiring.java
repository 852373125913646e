package dev.plinth.runtime;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.database.DatabaseKind;
import dev.plinth.runtime.database.DatabaseOptions;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseTools;
import dev.plinth.runtime.database.DatabaseVerticle;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.jdbc.JdbcConnector;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import dev.plinth.runtime.database.postgres.PgCredentials;
import dev.plinth.runtime.database.postgres.PgPoolOptions;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** Brings the kinds of databases together with the one verticle that serves them, and with the tools that look at them. */
public final class DatabaseWiring {

    private DatabaseWiring() {}

    /** Begins to load what the first login of this configuration will take, for a start that has to check the rest of it first. */
    public static void loadAhead(Config config) {
        if (config.at("backend.database.client").toPlain() instanceof String client && client.equals("pg")) {
            PostgresConnector.loadAhead();
        }
    }

    /**
     * @param plan where each plugin's database is
     * @param credentials for each connection to a PostgreSQL server
     */
    static DatabaseVerticle verticle(
            Vertx vertx, Function<String, Resolution> plan, DatabaseOptions options, PgCredentials credentials) {
        return new DatabaseVerticle(
                plan, kinds(vertx, options, credentials), migrator(vertx, options), options.leaks());
    }

    /** For verbs that work on databases without a running backend. The caller closes them. */
    public static DatabaseTools tools(Vertx vertx, DatabasePlan plan) {
        return new DatabaseTools(
                plan::of, kinds(vertx, plan.options(), PgCredentials.CONFIGURED), migrator(vertx, plan.options()));
    }

    private static Migrator migrator(Vertx vertx, DatabaseOptions options) {
        return new Migrator(
                vertx,
                options.refuseNewerHistory() ? MigrationPolicy.REFUSE_WHEN_NEWER : MigrationPolicy.WARN_WHEN_NEWER);
    }

    private static List<DatabaseKind<?>> kinds(Vertx vertx, DatabaseOptions options, PgCredentials credentials) {
        return List.of(
                new DatabaseKind<>(
                        PostgresSettings.class,
                        new PostgresConnector(
                                vertx,
                                options.migrationLease(),
                                credentials,
                                new PgPoolOptions(instanceId(), options.budget()))),
                new DatabaseKind<>(SqliteSettings.class, new SqliteConnector(vertx)),
                new DatabaseKind<>(JdbcSettings.class, new JdbcConnector(vertx)));
    }

    /** Tells this process from others in {@code pg_stat_activity}. */
    private static String instanceId() {
        return UUID.randomUUID().toString().substring(0, 8);
    }
}
