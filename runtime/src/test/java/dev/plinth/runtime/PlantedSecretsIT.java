package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import dev.plinth.runtime.testing.ReservedPort;
import dev.plinth.runtime.testing.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every verb, and the fat jar, with a secret in every place where one can be, and a database that is away. */
class PlantedSecretsIT {

    private static final String PLANTED = "PLANTED";

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "SOME_VARIABLE", "PLANTED-substituted",
            "PGPASSWORD", "PLANTED-pgpassword",
            "APP_CONFIG_unknown_token", "PLANTED-variable");

    /** The plugin's secrets have names that say nothing: only its schema knows. */
    private static final String SCHEMA =
            """
            {"type": "object", "additionalProperties": false, "properties": {
              "handshake": {"type": "string", "secret": true, "pattern": "^[A-Za-z-]+$"},
              "pin": {"type": "integer", "secret": true},
              "size": {"type": "integer", "default": 3}}}""";

    /** Compiled once. */
    @TempDir
    private static Path plugins;

    @TempDir
    private Path directory;

    private ReservedPort closedPort;

    @BeforeAll
    static void makePlugins() throws IOException {
        for (String id : new String[] {"keeper", "second", "third"}) {
            PluginJar.of(id)
                    .starting(
                            """
                            context.config().findString("handshake");
                            return context.database().compose(pool -> pool.query("SELECT 1").execute());""")
                    .with("plinth-config.schema.json", SCHEMA)
                    .writeTo(plugins);
        }
    }

    @BeforeEach
    void plantSecrets() throws IOException {
        closedPort = new ReservedPort();
        Files.writeString(directory.resolve("secret.txt"), "PLANTED-file\n");
        configure("PLANTED-handshake", "");
    }

    @AfterEach
    void releasePort() throws IOException {
        closedPort.close();
    }

    private void configure(String handshake, String more) throws IOException {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  listen: 127.0.0.1:0
                  pluginDirectories: ["%4$s"]
                  database:
                    client: pg
                    isolationSecret: PLANTED-isolation-secret-of-some-length
                    admin: {user: root, password: PLANTED-admin}
                    connection:
                      host: 127.0.0.1
                      port: %1$d
                      user: app
                      password: PLANTED-password
                      ssl: {key: PLANTED-key, rejectUnauthorized: false}
                %3$s
                    plugin:
                      second: {connection: 'postgres://app:PLANTED-url@127.0.0.1:%1$d/x?sslpassword=PLANTED-parameter'}
                      third: {connection: {password: {$file: ../secret.txt}}}
                keeper: {handshake: '%2$s', pin: 'PLANTED-pin'}
                second: {handshake: {$file: ../secret.txt}, sice: 4}
                unknown:
                  note: ${SOME_VARIABLE}
                  file: {$file: ../secret.txt}
                  url: https://PLANTED-userinfo@example.com/x
                """
                        .formatted(closedPort.number(), handshake, more, plugins));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config print",
                "config print --format json",
                "config explain",
                "config explain --format json",
                "config check",
                "config check --format json",
                "config schema",
                "config docs",
                "db plan",
                "db plan --format json",
                "db check",
                "db check --format json",
                "db status",
                "db status --format json",
                "db migrate",
                "db migrate --format json",
                "config print --sett a.password=PLANTED-misspelt"
            })
    void noVerbShowsASecret(String commandLine) throws Exception {
        configure("PLANTED handshake 1", "");
        assertNothingShown(verb(commandLine));
    }

    @Test
    void aStartShowsNoSecretWhileItsDatabaseIsAway() throws Exception {
        String commandLine = "start --verbose --set logging.level=debug"
                + " --set backend.lifecycle.startupRequestPauseTimeout=100ms";
        try (PlinthProcess plinth = PlinthProcess.run(directory, ENVIRONMENT, commandLine.split(" "))) {
            plinth.awaitReady();
            plinth.get("/api/keeper/x");
            String health = plinth.get("/health/ready").body();
            assertThat(health).contains("keeper").doesNotContain(PLANTED);
            plinth.terminate();
            assertNothingShown(plinth.output(), plinth.errors());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "    knexConfig: {pool: {max: {$file: ../secret.txt}, min: {$file: ../secret.txt}}}",
                "    isolation: {$file: ../secret.txt}",
                "    ensureExists: {$file: ../secret.txt}",
                "    broken: [PLANTED-broken",
                "    broken: 'PLANTED-broken\n    password: PLANTED-next",
                "    password: PLANTED-twice\n    password: PLANTED-twice"
            })
    void aStartWithWrongSettingsShowsNoSecret(String wrong) throws Exception {
        configure("PLANTED handshake 1", wrong);
        Verb start = verb("start");
        assertThat(start.exitCode()).isEqualTo(78);
        assertNothingShown(start);
    }

    private Verb verb(String commandLine) {
        return Verb.run(directory, ENVIRONMENT, commandLine.split(" "));
    }

    private static void assertNothingShown(Verb verb) {
        assertNothingShown(verb.out(), verb.err());
    }

    private static void assertNothingShown(String out, String err) {
        assertThat(out + err).isNotBlank().doesNotContain(PLANTED);
    }
}
