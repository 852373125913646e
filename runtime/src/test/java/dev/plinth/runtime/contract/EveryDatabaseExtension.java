package dev.plinth.runtime.contract;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.database.postgres.PgCredentials;
import dev.plinth.runtime.database.postgres.PgPoolOptions;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import dev.plinth.runtime.database.sqlite.SqliteConnector;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a test on each kind of database. */
final class EveryDatabaseExtension implements TestTemplateInvocationContextProvider {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(EveryDatabaseExtension.class);

    private enum Place {
        SQLITE_MEMORY,
        SQLITE_FILE,
        POSTGRES_DATABASE,
        POSTGRES_SCHEMA
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return Stream.of(Place.values()).map(Invocation::new);
    }

    private record Invocation(Place place) implements TestTemplateInvocationContext {

        @Override
        public String getDisplayName(int index) {
            return place.toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Fresh(place));
        }
    }

    /** Makes an empty database for one test, and removes it after. */
    private record Fresh(Place place) implements ParameterResolver, AfterEachCallback {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Database.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getStore(NAMESPACE).getOrComputeIfAbsent(Database.class, key -> open(context));
        }

        private Database open(ExtensionContext context) {
            try {
                return switch (place) {
                    case SQLITE_MEMORY -> sqlite(context, Optional.empty());
                    case SQLITE_FILE ->
                        sqlite(context, Optional.of(directory(context).resolve("todo.sqlite")));
                    case POSTGRES_DATABASE -> postgresDatabase(context);
                    case POSTGRES_SCHEMA -> postgresSchema(context);
                };
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private static Path directory(ExtensionContext context) throws Exception {
            Path directory = Files.createTempDirectory("plinth-contract");
            context.getStore(NAMESPACE).put(Path.class, (ExtensionContext.Store.CloseableResource) () -> {
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(directory);
            });
            return directory;
        }

        private static Database sqlite(ExtensionContext context, Optional<Path> file) {
            Vertx vertx = vertx(context);
            SqliteConnector connector = new SqliteConnector(vertx);
            context.getStore(NAMESPACE).put(SqliteConnector.class, connector);
            SqliteSettings settings = new SqliteSettings("todo", file, true, PoolSettings.DEFAULT, false);
            return new Database(Dialect.SQLITE, vertx, new PluginPool(vertx, "todo", connector.open(settings)));
        }

        private static Database postgresDatabase(ExtensionContext context) throws Exception {
            String name = server(context).uniqueName("contract");
            server(context).execute("postgres", "CREATE DATABASE " + name);
            return postgres(context, name, Optional.empty());
        }

        private static Database postgresSchema(ExtensionContext context) throws Exception {
            String name = server(context).uniqueName("contract");
            server(context).execute("postgres", "CREATE SCHEMA " + name);
            return postgres(context, "postgres", Optional.of(name));
        }

        private static Database postgres(ExtensionContext context, String database, Optional<String> schema) {
            Vertx vertx = vertx(context);
            PostgresConnector connector = new PostgresConnector(
                    vertx, Duration.ofSeconds(30), PgCredentials.CONFIGURED, PgPoolOptions.of("test"));
            context.getStore(NAMESPACE).put(PostgresConnector.class, connector);
            PostgresSettings settings = new PostgresSettings(
                    "todo",
                    "127.0.0.1",
                    server(context).port(),
                    Optional.of("postgres"),
                    Optional.of(new Secret("postgres")),
                    Optional.of(database),
                    schema,
                    schema.stream().toList(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    "postgres",
                    "contract",
                    TlsSettings.DISABLED,
                    Map.of(),
                    PoolSettings.DEFAULT,
                    false,
                    PostgresSettings.LoginMethod.PASSWORD,
                    Optional.empty(),
                    Optional.empty());
            return new Database(Dialect.POSTGRESQL, vertx, new PluginPool(vertx, "todo", connector.open(settings)));
        }

        private static Vertx vertx(ExtensionContext context) {
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .getOrComputeIfAbsent(Vertx.class, key -> new SharedVertx(Vertx.vertx()), SharedVertx.class)
                    .vertx();
        }

        private static PostgresExtension.Server server(ExtensionContext context) {
            return PostgresExtension.server(context);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            ExtensionContext.Store store = context.getStore(NAMESPACE);
            Database database = store.get(Database.class, Database.class);
            if (database != null) {
                Database.await(database.pool().close());
            }
            SqliteConnector connector = store.get(SqliteConnector.class, SqliteConnector.class);
            if (connector != null) {
                Database.await(connector.close());
            }
            PostgresConnector server = store.get(PostgresConnector.class, PostgresConnector.class);
            if (server != null) {
                Database.await(server.close());
            }
        }
    }

    private record SharedVertx(Vertx vertx) implements ExtensionContext.Store.CloseableResource {

        @Override
        public void close() {
            Database.await(vertx.close());
        }
    }
}
