package dev.plinth.runtime;

import dev.plinth.runtime.database.DatabaseKind;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.DatabaseVerticle;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.migration.MigrationPolicy;
import dev.plinth.runtime.database.migration.Migrator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Function;

/** Brings the kinds of databases together with the one verticle that serves them. */
final class DatabaseWiring {

    private DatabaseWiring() {}
}
