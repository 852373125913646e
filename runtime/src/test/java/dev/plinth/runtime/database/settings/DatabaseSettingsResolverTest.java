package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.LeakOptions;
import dev.plinth.runtime.database.PoolSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.PostgresSettings.LoginMethod;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseSettingsResolverTest {

    @Test
    void nothingConfiguredMeansMemory() {
        Resolution resolution = new DatabaseSettingsResolver(Config.empty(), Map.of(), Path.of("")).resolve("todo");

        assertThat(resolution.require())
                .isEqualTo(new SqliteSettings("todo", Optional.empty(), false, PoolSettings.DEFAULT, false));
        assertThat(resolution.problems()).isEmpty();
        assertThat(resolution.isGiven("filename")).isFalse();
    }

    @Test
    void numbersAndBooleansMayBeText() {
        PostgresSettings settings = Resolving.postgres("{'client': 'pg', 'ensureExists': 'no', 'skipMigrations': 'on',"
                + " 'connection': {'port': '6432', 'user': 'u'}, 'knexConfig': {'pool': {'min': '1', 'max': '3',"
                + " 'acquireTimeoutMillis': '4', 'createTimeoutMillis': '5', 'idleTimeoutMillis': '6'}}}");

        assertThat(settings.port()).isEqualTo(6432);
        assertThat(settings.ensureDatabase()).isFalse();
        assertThat(settings.skipMigrations()).isTrue();
        assertThat(settings.pool())
                .isEqualTo(new PoolSettings(1, 3, Duration.ofMillis(4), Duration.ofMillis(5), Duration.ofMillis(6)));
    }

    @Test
    void noughtAndOneAreBooleansToo() {
        PostgresSettings settings = Resolving.postgres(
                "{'client': 'pg', 'ensureExists': 0, 'skipMigrations': 1, 'connection': {'user': 'u'}}");
        assertThat(settings.ensureDatabase()).isFalse();
        assertThat(settings.skipMigrations()).isTrue();
    }

    @Test
    void aPluginsPoolIsMergedOverTheSharedOne() {
        PoolSettings pool = Resolving.postgres(
                        "{'client': 'pg', 'connection': {}, 'knexConfig': {'pool': {'min': 1, 'max': 3}},"
                                + " 'plugin': {'todo': {'knexConfig': {'pool': {'max': 5}}}}}")
                .pool();

        assertThat(pool.min()).isEqualTo(1);
        assertThat(pool.max()).isEqualTo(5);
    }

    @Test
    void statementsAndWaitersHaveLimitsThatAPluginMayChangeOrLift() {
        String general = "{'client': 'pg', 'connection': {'user': 'u'}";
        PoolSettings usual = Resolving.postgres(general + "}").pool();
        assertThat(usual.callTimeout()).contains(Duration.ofSeconds(30));
        assertThat(usual.maxWaiting()).isEqualTo(10_000);

        PoolSettings given = Resolving.postgres(general + ", 'callTimeout': '5s', 'maxWaiting': 7}")
                .pool();
        assertThat(given.callTimeout()).contains(Duration.ofSeconds(5));
        assertThat(given.maxWaiting()).isEqualTo(7);

        PoolSettings own = Resolving.postgres(general
                        + ", 'callTimeout': '5s', 'plugin': {'todo': {'callTimeout': 'none', 'maxWaiting': 0}}}")
                .pool();
        assertThat(own.callTimeout()).isEmpty();
        assertThat(own.maxWaiting()).isZero();
    }

    @Test
    void anyDatabaseIsReachedThroughADriverBesideThePlugins() {
        String general = "{'client': 'jdbc', 'connection': {'url': 'jdbc:h2:./data/{plugin}', 'user': 'sa'}";
        JdbcSettings usual = Resolving.jdbc(general + "}");
        assertThat(usual.url().reveal()).isEqualTo("jdbc:h2:./data/todo");
        assertThat(usual.user()).contains("sa");
        assertThat(usual.driverDirectory()).isEqualTo(Path.of("drivers"));

        JdbcSettings own = Resolving.jdbc(general + ", 'driverDirectory': 'a', 'plugin': {'todo': {"
                + "'connection': {'url': 'jdbc:x:y'}, 'driverDirectory': 'b', 'callTimeout': '5s', 'maxWaiting': 3}}}");
        assertThat(own.url().reveal()).isEqualTo("jdbc:x:y");
        assertThat(own.user()).contains("sa");
        assertThat(own.driverDirectory()).isEqualTo(Path.of("b"));
        assertThat(own.pool().callTimeout()).contains(Duration.ofSeconds(5));
        assertThat(own.pool().maxWaiting()).isEqualTo(3);
    }

    @Test
    void reportsConnectionsThatPluginsKeepAfterAMinuteUnlessToldOtherwise() {
        assertThat(leaks("{'client': 'pg'}")).isEqualTo(LeakOptions.DEFAULT);
        assertThat(LeakOptions.DEFAULT.threshold()).contains(Duration.ofSeconds(60));
        assertThat(leaks("{'leakThreshold': '5s', 'leakTraces': true}"))
                .isEqualTo(new LeakOptions(Optional.of(Duration.ofSeconds(5)), true));
        assertThat(leaks("{'leakThreshold': 'none'}").threshold()).isEmpty();
        assertThat(Resolving.plan("{'leakThreshold': 'long', 'leakTraces': 7}")
                        .problems()
                        .toString())
                .contains(
                        "backend.database.leakThreshold: expected a duration", "backend.database.leakTraces: expected");
    }

    private static LeakOptions leaks(String database) {
        return Resolving.plan(database).options().leaks();
    }

    @Test
    void aPoolBesideKnexConfigIsTheWeakerOne() {
        PoolSettings pool = Resolving.postgres("{'client': 'pg', 'connection': {}, 'pool': {'min': 1, 'max': 3},"
                        + " 'knexConfig': {'pool': {'max': 5}}}")
                .pool();

        assertThat(pool.min()).isEqualTo(1);
        assertThat(pool.max()).isEqualTo(5);
    }

    @Test
    void aUrlMayStandBesideOtherKeys() {
        PostgresSettings settings = Resolving.postgres("{'client': 'pg', 'connection': {'connectionString':"
                + " 'postgres://ann@db/ignored', 'user': 'beaten', 'port': 6432}}");

        assertThat(settings.location()).isEqualTo("ann@db:6432/plinth_plugin_todo");
    }

    @Test
    void divisionModeRoleAndSchemaCreationMayBeSetForOnePlugin() {
        PostgresSettings settings = Resolving.postgres("{'client': 'pg', 'ensureExists': false, 'role': 'base',"
                + " 'connection': {'user': 'u', 'database': 'shop'},"
                + " 'plugin': {'todo': {'pluginDivisionMode': 'schema', 'role': 'own', 'ensureSchemaExists': true}}}");

        assertThat(settings.location()).isEqualTo("u@localhost:5432/shop schema todo");
        assertThat(settings.role()).contains("own");
        assertThat(settings.schemaOwner()).contains("own");
        assertThat(settings.ensureDatabase()).isFalse();
        assertThat(settings.ensureSchema()).isTrue();
    }

    @Test
    void schemaModeWithoutADatabaseUsesTheOneNamedLikeTheUser() {
        PostgresSettings settings =
                Resolving.postgres("{'client': 'pg', 'pluginDivisionMode': 'schema', 'connection': {'user': 'ann'}}");

        assertThat(settings.database()).isEmpty();
        assertThat(settings.effectiveDatabase()).isEqualTo("ann");
        assertThat(settings.ensureDatabase()).isFalse();
        assertThat(settings.ensureSchema()).isTrue();
    }

    @Test
    void anotherClientInheritsNothingOfTheConnection() {
        PostgresSettings settings = Resolving.postgres("{'client': 'better-sqlite3', 'connection': 'not allowed here',"
                + " 'plugin': {'todo': {'client': 'pg', 'connection': {'host': 'h', 'user': 'u'}}}}");

        assertThat(settings.location()).isEqualTo("u@h:5432/plinth_plugin_todo");
    }

    @Test
    void aPluginWithAClientOfItsOwnDoesNotMindASharedOneThatIsNotSupported() {
        String section = "{'client': 'mysql2', 'connection': 'mysql://a@b',"
                + " 'plugin': {'todo': {'client': 'pg', 'connection': {'host': 'h', 'user': 'u'}}}}";
        assertThat(Resolving.postgres(section).location()).isEqualTo("u@h:5432/plinth_plugin_todo");
        assertThat(Resolving.plan(section, "catalog")
                        .plugins()
                        .get("catalog")
                        .error()
                        .map(Problem::code))
                .contains("unsupported-client");
    }

    @Test
    void anotherSpellingOfTheClientInheritsTheConnection() {
        assertThat(Resolving.sqlite("{'client': 'better-sqlite3', 'connection': {'directory': 'data'},"
                                + " 'plugin': {'todo': {'client': 'sqlite3'}}}")
                        .location())
                .isEqualTo("data/todo.sqlite");
    }

    @Test
    void isolationByRoleCarriesTheSecretAndAnAdministrator() {
        PostgresSettings settings =
                Resolving.postgres("{'client': 'pg', 'connection': {'user': 'u'}, 'isolation': 'role',"
                        + " 'isolationSecret': 'a long and random text', 'maintenanceDatabase': 'root',"
                        + " 'admin': {'user': 'root', 'password': 'pw'}}");

        assertThat(settings.isolationSecret().orElseThrow().reveal()).isEqualTo("a long and random text");
        assertThat(settings.admin().orElseThrow().user()).isEqualTo("root");
        assertThat(settings.maintenanceDatabase()).isEqualTo("root");
        assertThat(settings.toString()).doesNotContain("random", "pw");
    }

    @Test
    void aPasswordThatIsAlsoAUsersNameIsNoSecretToLogs() {
        DatabasePlan plan = Resolving.plan(
                "{'client': 'pg', 'connection': {'user': 'postgres', 'password': 'postgres'},"
                        + " 'plugin': {'catalog': {'connection': {'password': 'its own'}}}}",
                "todo",
                "catalog");
        assertThat(plan.secrets()).containsExactly("its own");
    }

    @Test
    void cloudLoginsAreReadAndSaidToBeUnsupported() {
        PostgresSettings settings = Resolving.postgres(
                "{'client': 'pg', 'connection': {'type': 'rds', 'host': 'h', 'port': 5432, 'user': 'u'}}",
                Map.of("AWS_REGION", "eu-west-1"));

        assertThat(settings.loginMethod()).isEqualTo(LoginMethod.RDS);
        assertThat(settings.obstacle())
                .contains("connection.type rds is not supported yet; use a user with a password");
    }

    @Test
    void aFileBelongsToTheWorkingDirectoryUnlessItIsAbsolute() {
        String relative = "{'client': 'sqlite', 'connection': {'directory': 'data'}}";
        String absolute = "{'client': 'sqlite', 'connection': {'directory': 'data'},"
                + " 'plugin': {'todo': {'connection': '/abs/./cat.db'}}}";
        Path workingDirectory = Path.of("/srv/plinth");

        assertThat(file(relative, workingDirectory)).isEqualTo(Path.of("/srv/plinth/data/todo.sqlite"));
        assertThat(file(absolute, workingDirectory)).isEqualTo(Path.of("/abs/cat.db"));
    }

    private static Path file(String database, Path workingDirectory) {
        SqliteSettings settings = (SqliteSettings) Resolving.resolver(database, Map.of(), workingDirectory)
                .resolve("todo")
                .require();
        return settings.file().orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        {'knexConfig': {'pool': {'destroyTimeoutMillis': 1}}} | knexConfig.pool.destroyTimeoutMillis: has no effect: connections are closed without waiting
        {'knexConfig': {'pool': {'propagateCreateError': true}}} | knexConfig.pool.propagateCreateError: has no effect: a failed connect is always told to the one who waits
        {'knexConfig': {'debug': true}}    | knexConfig.debug: has no effect: a setting of knex that has no meaning here
        {'connection': {'keepAlive': true}} | connection.keepAlive: has no effect: not a setting of a PostgreSQL connection here
        {'connection': {'ssl': {'pfx': 'x'}}} | connection.ssl.pfx: has no effect: not a setting of ssl here
        {'connection': {'sslmode': 'require', 'ssl': {'ca': 'not pem'}}} | connection.ssl.ca: not a PEM text; for a file write {$file: <path>}
        {'prefix': 'x'}                    | prefix: has no effect here: it is set for all plugins at once; see backend.database.prefix
        """)
    void warnsOfWhatDoesNothing(String own, String warning) {
        Resolution resolution = Resolving.resolve(
                "{'client': 'pg', 'connection': {'host': 'h', 'user': 'u'}, 'plugin': {'todo': " + own + "}}");

        assertThat(resolution.settings()).isPresent();
        assertThat(resolution.problems())
                .extracting(Problem::toString)
                .containsExactly("test.yaml:1:1 backend.database.plugin.todo." + warning);
    }

    @Test
    void takesNoOffenceAtTheSqliteDirectoryOfALayerBelow() {
        assertThat(Resolving.resolve("{'client': 'pg', 'connection': {'host': 'h', 'user': 'u', 'directory': 'data'}}")
                        .problems())
                .isEmpty();
    }

    @Test
    void warnsOfAMissingHostAndUserOnceForAll() {
        DatabasePlan plan = Resolving.plan("{'client': 'pg', 'connection': {}}", "todo", "catalog");

        assertThat(plan.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "backend.database.connection.host: no host is given, so it is localhost; set it, or PGHOST",
                        "backend.database.connection.user: no user is given, so no connection can be made; set it, or PGUSER");
    }

    @Test
    void warnsThatADirectoryDoesNotTakeAPluginOutOfMemory() {
        Resolution resolution = Resolving.resolve("{'client': 'sqlite', 'connection': ':memory:',"
                + " 'plugin': {'todo': {'connection': {'directory': 'data'}}}}");

        assertThat(resolution.require().location()).isEqualTo(":memory:");
        assertThat(resolution.problems()).extracting(Problem::code).containsExactly("without-effect");
    }

    @Test
    void anErrorOfTheSharedPartIsToldApartFromAPluginsOwn() {
        DatabasePlan plan = Resolving.plan(
                "{'client': 'pg', 'connection': {'host': 'h', 'user': 'u', 'port': 'x'},"
                        + " 'plugin': {'todo': {'connection': {'port': 'y'}}, 'catalog': {'connection': {'port': 1}}}}",
                "todo",
                "catalog",
                "auth");

        assertThat(plan.plugins().get("catalog").settings()).isPresent();
        assertThat(plan.problems())
                .extracting(Problem::key)
                .containsExactly("backend.database.plugin.todo.connection.port", "backend.database.connection.port");
    }

    @Test
    void warnsBothPluginsThatShareADatabase() {
        DatabasePlan plan = Resolving.plan(
                "{'client': 'pg', 'connection': {'host': 'h', 'user': 'u'},"
                        + " 'plugin': {'todo': {'connection': {'database': 'plinth_plugin_catalog'}}}}",
                "todo",
                "catalog",
                "auth");

        assertThat(plan.warnings())
                .extracting(Problem::message)
                .containsExactly(
                        "plugin 'todo' shares u@h:5432/plinth_plugin_catalog with 'catalog'",
                        "plugin 'catalog' shares u@h:5432/plinth_plugin_catalog with 'todo'");
    }

    @Test
    void schemasOfOneDatabaseAreNotShared() {
        DatabasePlan plan = Resolving.plan(
                "{'client': 'pg', 'pluginDivisionMode': 'schema', 'connection': {'host': 'h', 'user': 'u', 'database': 'd'}}",
                "todo",
                "catalog");

        assertThat(plan.problems()).isEmpty();
    }

    @Test
    void warnsThatTwoPluginsShareAFile() {
        DatabasePlan plan = Resolving.plan(
                "{'client': 'sqlite', 'connection': {'directory': 'data'},"
                        + " 'plugin': {'todo': {'connection': 'x/../catalog.sqlite'}}}",
                "todo",
                "catalog");

        assertThat(plan.warnings()).extracting(Problem::code).containsExactly("shared-database", "shared-database");
    }

    @Test
    void refusesIdsThatDifferInCaseAlone() {
        DatabasePlan plan =
                Resolving.plan("{'client': 'sqlite', 'connection': {'directory': 'data'}}", "todo", "Todo", "todo");

        assertThat(plan.plugins()).hasSize(2).allSatisfy((id, resolution) -> {
            assertThat(resolution.settings()).isEmpty();
            assertThat(resolution.error().map(Problem::code)).contains("duplicate-plugin-id");
        });
    }
}
