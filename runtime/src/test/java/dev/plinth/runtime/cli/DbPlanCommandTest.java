package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DbPlanCommandTest {

    private static final String POSTGRES =
            """
            backend:
              database:
                client: pg
                connection:
                  host: db.example
                  user: app
                  password: hunter22
                plugin:
                  catalog:
                    client: better-sqlite3
                    connection: {directory: data}
            """;

    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    private Path directory;

    private Terminal terminal;

    @BeforeEach
    void configure() throws Exception {
        write(POSTGRES);
    }

    @Test
    void printsTheWholeDocumentAloneOnStdout() {
        assertThat(plan("--format", "json")).isZero();

        JsonObject plugins = new JsonObject(terminal.out()).getJsonObject("plugins");
        assertThat(plugins.fieldNames()).containsExactly("catalog", "todo");
        assertThat(plugins.getJsonObject("todo"))
                .isEqualTo(
                        new JsonObject(
                                """
                        {
                          "client": "pg",
                          "host": "db.example",
                          "port": null,
                          "user": "app",
                          "password": "***",
                          "database": "plinth_plugin_todo",
                          "schema": null,
                          "searchPath": null,
                          "filename": null,
                          "createsDirectory": null,
                          "ensureDatabase": true,
                          "ensureSchema": false,
                          "role": null,
                          "schemaOwner": null,
                          "isolation": "shared",
                          "admin": null,
                          "maintenanceDatabase": "postgres",
                          "databaseCreatedOn": {"host": "db.example"},
                          "schemaCreatedIn": null,
                          "applicationName": "plinth_plugin_todo",
                          "ssl": null,
                          "tls": {"mode": "prefer"},
                          "pool": null,
                          "skipMigrations": false,
                          "error": null
                        }
                        """));
        assertThat(plugins.getJsonObject("catalog").getString("filename")).isEqualTo("data/catalog.sqlite");
        assertThat(plugins.getJsonObject("catalog").getString("createsDirectory"))
                .isEqualTo("data");
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void showsSecretsOnlyWhenAsked() {
        for (List<String> arguments : List.of(List.of("--format", "json"), List.of("--verbose"), List.<String>of())) {
            plan(arguments.toArray(String[]::new));
            assertThat(terminal.out() + terminal.err()).contains("todo").doesNotContain("hunter22");
        }

        plan("--show-secrets", "--format", "json");
        assertThat(terminal.out()).contains("hunter22");
    }

    @Test
    void plansPluginsThatAreNotInstalled() {
        assertThat(plan("--format", "json", "--plugin", "auth", "--plugin", "search"))
                .isZero();

        assertThat(new JsonObject(terminal.out()).getJsonObject("plugins").fieldNames())
                .containsExactly("auth", "search");
    }

    @Test
    void putsAnErrorIntoThePluginAndTheProblemsIntoTheLastLineOfStderr() throws Exception {
        write(POSTGRES.replace("user: app", "user: app\n      port: ten"));

        assertThat(plan("--format", "json")).isEqualTo(ExitCode.CONFIGURATION);

        JsonObject plugins = new JsonObject(terminal.out()).getJsonObject("plugins");
        assertThat(plugins.getJsonObject("todo").getJsonObject("error"))
                .isEqualTo(new JsonObject()
                        .put("code", "invalid-type")
                        .put("message", "expected a whole number, got \"ten\""));
        assertThat(plugins.getJsonObject("todo").getValue("client")).isNull();
        assertThat(plugins.getJsonObject("catalog").getValue("error")).isNull();
        JsonArray problems = new JsonObject(terminal.lastErrorLine()).getJsonArray("problems");
        assertThat(problems).hasSize(1);
        assertThat(problems.getJsonObject(0).getString("code")).isEqualTo("invalid-type");
        assertThat(problems.getJsonObject(0).getString("source")).isEqualTo("app-config.yaml:7:7");
    }

    @Test
    void saysTheSameToPeopleInATable() throws Exception {
        write(POSTGRES + "      auth: {connection: {sslmode: on}}\n");

        assertThat(plan("--plugin", "todo", "--plugin", "catalog", "--plugin", "auth"))
                .isEqualTo(ExitCode.CONFIGURATION);

        assertThat(terminal.out())
                .isEqualTo(
                        """
                PLUGIN   CLIENT  DATABASE                                CREATES          TLS     POOL   MIGRATIONS
                todo     pg      app@db.example:5432/plinth_plugin_todo  database         prefer  0..10  run
                catalog  sqlite  data/catalog.sqlite                     directory, file  -       0..10  run
                auth     -       error, see below                        -                -       -      -
                """);
        assertThat(terminal.err())
                .isEqualTo("app-config.yaml:12:27 backend.database.plugin.auth.connection.sslmode: expected disable,"
                        + " allow, prefer, require, verify-ca or verify-full, got \"on\"\n");
    }

    @Test
    void tellsWhereEachValueComesFrom() {
        environment.put("PGPORT", "6432");

        assertThat(plan("--verbose", "--plugin", "todo")).isZero();

        assertThat(terminal.out().lines().map(line -> line.trim().replaceAll(" {2,}", " | ")))
                .contains(
                        "todo",
                        "host | db.example | app-config.yaml:5:7 backend.database.connection.host",
                        "port | 6432 | PGPORT",
                        "password | *** | app-config.yaml:7:7 backend.database.connection.password",
                        "database | plinth_plugin_todo | generated from prefix and plugin id",
                        "tls | prefer | default",
                        "pool.max | 10 | default");
    }

    @Test
    void anUnknownFormatIsAUsageError() {
        assertThat(plan("--format", "xml")).isEqualTo(ExitCode.USAGE);
        assertThat(plan("--format", "yaml")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aFileThatCannotBeReadIsToldLikeAnyOtherProblem() throws Exception {
        write("backend: [");

        assertThat(plan("--format", "json")).isEqualTo(ExitCode.CONFIGURATION);

        assertThat(terminal.out()).isEmpty();
        assertThat(new JsonObject(terminal.err())
                        .getJsonArray("problems")
                        .getJsonObject(0)
                        .getString("code"))
                .isEqualTo("parse-error");
    }

    private int plan(String... arguments) {
        List<String> line = new ArrayList<>(List.of("plan"));
        line.addAll(List.of(arguments));
        terminal = Terminal.in(directory, environment);
        return DbCommand.of(terminal.console(), config -> List.of("catalog", "todo"))
                .execute(line.toArray(String[]::new));
    }

    private void write(String text) throws Exception {
        Files.writeString(directory.resolve("app-config.yaml"), text);
    }
}
