package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.TlsSettings.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibpqConventionsTest {

    private static final String EMPTY = "{'client': 'pg', 'connection': {}}";

    @TempDir
    private Path directory;

    @Test
    void fillWhatTheConfigurationLeavesOut() {
        PostgresSettings settings = Resolving.postgres(
                EMPTY,
                Map.of(
                        "PGHOST", "db.example",
                        "PGPORT", "6432",
                        "PGUSER", "ann",
                        "PGPASSWORD", "pw",
                        "PGSSLMODE", "require",
                        "PGAPPNAME", "till",
                        "PGCONNECT_TIMEOUT", "7",
                        "PGOPTIONS", "-c work_mem=8MB"));

        assertThat(settings.host()).isEqualTo("db.example");
        assertThat(settings.port()).isEqualTo(6432);
        assertThat(settings.user()).contains("ann");
        assertThat(settings.password()).contains(new Secret("pw"));
        assertThat(settings.tls().mode()).isEqualTo(Mode.REQUIRE);
        assertThat(settings.applicationName()).isEqualTo("till");
        assertThat(settings.pool().createTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.properties()).containsEntry("options", "-c work_mem=8MB");
    }

    @Test
    void neverOverrideTheConfiguration() {
        PostgresSettings settings = Resolving.postgres(
                "{'client': 'pg', 'connection': {'host': 'a', 'port': 1, 'user': 'b', 'password': 'c', 'ssl': false,"
                        + " 'application_name': 'd'}, 'knexConfig': {'pool': {'createTimeoutMillis': 5}}}",
                Map.of(
                        "PGHOST", "x",
                        "PGPORT", "2",
                        "PGUSER", "x",
                        "PGPASSWORD", "x",
                        "PGSSLMODE", "require",
                        "PGAPPNAME", "x",
                        "PGCONNECT_TIMEOUT", "7"));

        assertThat(settings.location()).isEqualTo("b@a:1/plinth_plugin_todo");
        assertThat(settings.password()).contains(new Secret("c"));
        assertThat(settings.tls().mode()).isEqualTo(Mode.DISABLE);
        assertThat(settings.applicationName()).isEqualTo("d");
        assertThat(settings.pool().createTimeout()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void areShownAsTheOriginOfTheirValues() {
        Resolution resolution = Resolving.resolve(
                "{'client': 'pg', 'connection': {'user': 'a'}}", Map.of("PGHOST", "db", "PGSSLMODE", "require"));

        assertThat(resolution.origins())
                .containsEntry("host", "PGHOST")
                .containsEntry("tls", "PGSSLMODE")
                .containsEntry("user", "test.yaml:1:1 backend.database.connection.user")
                .containsEntry("port", "default")
                .containsEntry("database", "generated from prefix and plugin id");
    }

    @Test
    void countAsUnsetWhenEmpty() {
        assertThat(Resolving.resolve(EMPTY, Map.of("PGHOST", "", "PGPORT", "")).isGiven("host"))
                .isFalse();
    }

    @Test
    void nameTheSharedDatabaseButNeverAPluginsOwn() {
        Map<String, String> environment = Map.of("PGDATABASE", "shop", "PGUSER", "ann");
        String bySchema = "{'client': 'pg', 'connection': {}, 'pluginDivisionMode': 'schema'}";

        assertThat(Resolving.postgres(EMPTY, environment).database()).contains("plinth_plugin_todo");
        assertThat(Resolving.postgres(bySchema, environment).database()).contains("shop");
    }

    @Test
    void noUserIsInventedAndNoPassword() {
        PostgresSettings settings = Resolving.postgres(EMPTY);

        assertThat(settings.user()).isEmpty();
        assertThat(settings.password()).isEmpty();
        assertThat(settings.obstacle())
                .contains("no user is configured; set backend.database.connection.user or PGUSER");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        db:5432:plinth_plugin_todo:ann:pw      | pw
        *:*:*:*:pw                             | pw
        db:*:*:bob:no                          |
        other:5432:*:ann:no                    |
        db:5433:*:ann:no                       |
        db:5432:other:ann:no                   |
        #*:*:*:*:no                            |
        *:*:*:ann:p\\:w\\\\x:y                 | p:w\\x:y
        db:5432:ann                            |
        """)
    void findAPasswordInThePasswordFile(String line, String password) throws IOException {
        Path file = passwordFile("# comment\n" + line + "\n", "rw-------");

        PostgresSettings settings =
                Resolving.postgres(EMPTY, Map.of("PGHOST", "db", "PGUSER", "ann", "PGPASSFILE", file.toString()));

        assertThat(settings.password().map(Secret::reveal).orElse(null)).isEqualTo(password);
    }

    @Test
    void theFirstLineThatFitsCountsAndIsTheOrigin() throws IOException {
        passwordFile("a:*:*:*:1\n*:*:*:*:2\n*:*:*:*:3\n", "rw-------");

        Resolution resolution = Resolving.resolve(EMPTY, Map.of("PGUSER", "ann", "HOME", directory.toString()));

        PostgresSettings settings = (PostgresSettings) resolution.require();
        assertThat(settings.password()).contains(new Secret("2"));
        assertThat(resolution.origins().get("password")).endsWith(".pgpass:2");
    }

    @Test
    void aConfiguredPasswordOrAVariableWinsOverThePasswordFile() throws IOException {
        passwordFile("*:*:*:*:file\n", "rw-------");
        Map<String, String> environment =
                Map.of("PGUSER", "ann", "HOME", directory.toString(), "PGPASSWORD", "variable");

        assertThat(Resolving.postgres(EMPTY, environment).password()).contains(new Secret("variable"));
    }

    @ParameterizedTest
    @CsvSource({"rw-r-----", "rw----r--", "rwxrwxrwx"})
    void aPasswordFileThatOthersMayReadIsIgnoredWithAWarning(String permissions) throws IOException {
        Path file = passwordFile("*:*:*:*:pw\n", permissions);

        Resolution resolution =
                Resolving.resolve(EMPTY, Map.of("PGHOST", "db", "PGUSER", "ann", "HOME", directory.toString()));

        assertThat(((PostgresSettings) resolution.require()).password()).isEmpty();
        assertThat(resolution.problems())
                .extracting(Problem::toString)
                .containsExactly(file + " the password file is open to others and is ignored; chmod 600 " + file);
    }

    private Path passwordFile(String text, String permissions) throws IOException {
        Path file = Files.writeString(directory.resolve(".pgpass"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
