package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {

    @TempDir
    private Path directory;

    @Test
    void printsTheMergedDocumentAlone() throws IOException {
        write("app-config.yaml", "a: {b: 1, c: 1.5}\nd: [1, text, null]\n");
        write("app-config.local.yaml", "a: {b: 1e3}\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        assertThat(terminal.config("print", "--format", "json")).isZero();

        assertThat(terminal.out())
                .isEqualTo(
                        """
                        {
                          "a": {
                            "b": 1000,
                            "c": 1.5
                          },
                          "d": [
                            1,
                            "text",
                            null
                          ]
                        }
                        """);
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void printsYamlThatReadsBackTheSame() throws IOException {
        write(
                "app-config.yaml",
                """
                a: 'yes'
                b: '012'
                c: '~'
                d: ' x '
                e: "l1\\nl2"
                f: 'k: v'
                g: []
                h: {}
                i: [[1, {j: '#'}]]
                'k: l': '- m'
                n: '0o7'
                o: '.5'
                p: ''
                q: !!str 1e3
                r: "\\e[31m"
                s: http://x:1/y
                """);
        Terminal first = Terminal.in(directory, Map.of());
        first.config("print");
        Terminal json = Terminal.in(directory, Map.of());
        json.config("print", "--format", "json");
        write("app-config.yaml", first.out());
        Terminal again = Terminal.in(directory, Map.of());

        again.config("print", "--format", "json");

        assertThat(again.out()).isEqualTo(json.out());
        assertThat(first.out()).doesNotContain("\u001b").contains("s: http://x:1/y\n");
    }

    @Test
    void endsWithTheProblemsAsOneLineOfJson() throws IOException {
        write("app-config.yaml", "a: 1\nb: {$file: none}\nc: {$include: none.js}\n");
        Terminal terminal = Terminal.in(directory, Map.of("APP_CONFIG_a__b", "1"));

        assertThat(terminal.config("print", "--format", "json")).isEqualTo(78);

        assertThat(terminal.out()).isEmpty();
        JsonArray problems = new JsonObject(terminal.lastErrorLine()).getJsonArray("problems");
        assertThat(problems.stream().map(problem -> ((JsonObject) problem).getString("code")))
                .containsExactlyInAnyOrder("include-missing-file", "include-no-parser", "env-invalid-key");
        assertThat(problems.stream().map(JsonObject.class::cast).filter(problem -> problem.getString("code")
                        .equals("include-missing-file")))
                .containsExactly(new JsonObject()
                        .put("code", "include-missing-file")
                        .put("severity", "error")
                        .put("key", "b")
                        .put("source", "app-config.yaml:2:1")
                        .put("message", "$file: \"none\" cannot be read: there is no such file")
                        .put("hint", "the path relates to the working directory"));
    }

    @Test
    void tellsPeopleOneProblemALine() throws IOException {
        Files.createDirectory(directory.resolve("conf"));
        write("conf/app-config.yaml", "backend:\n  database:\n    knexConfig:\n      pool: {max: ten}\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        assertThat(terminal.config("check")).isEqualTo(78);

        assertThat(terminal.out())
                .isEqualTo(
                        "conf/app-config.yaml:4:14 backend.database.knexConfig.pool.max: expected a whole number of at"
                                + " least 1, got \"ten\"\n1 error, 0 warnings\n");
    }

    @Test
    void colourIsForTerminalsOnly() throws IOException {
        write("app-config.yaml", "backend: {listne: 1}\n");
        Terminal plain = Terminal.in(directory, Map.of());
        Terminal coloured = new Terminal(directory, Map.of(), true);

        plain.config("check");
        coloured.config("check");

        assertThat(plain.out())
                .startsWith("warning: app-config.yaml:1:11 backend.listne: unknown key, did you mean \"listen\"?\n");
        assertThat(coloured.out()).startsWith("\u001b[33mwarning: ");
    }

    @Test
    void checksEverythingAtOnceAndSaysSoOnStdout() throws IOException {
        write(
                "app-config.yaml",
                "backend:\n  listen: {port: 70000}\n  databse: {}\n  startup: now\n  lifecycle: {x: 1}\n");
        Terminal terminal = Terminal.in(directory, Map.of("PLINTH_ENV", "prod"));

        assertThat(terminal.config("check", "--format", "json")).isEqualTo(78);

        assertThat(new JsonObject(terminal.out())
                        .getJsonArray("problems").stream()
                                .map(JsonObject.class::cast)
                                .map(problem -> problem.getString("severity") + " " + problem.getString("code") + " "
                                        + problem.getString("key")))
                .containsExactly(
                        "warning environment-without-file ",
                        "error invalid-type backend.listen.port",
                        "warning unknown-key backend.databse",
                        "error invalid-type backend.startup",
                        "warning unknown-key backend.lifecycle.x");
    }

    @Test
    void warningsAloneAreNoFailure() throws IOException {
        write("app-config.yaml", "backend: {listne: 1}\n");

        assertThat(Terminal.in(directory, Map.of()).config("check")).isZero();
    }

    @Test
    void refusesUnknownOptionsAndFormatsAsUsage() {
        assertThat(Terminal.in(directory, Map.of()).config("print", "--fromat", "json"))
                .isEqualTo(64);
        assertThat(Terminal.in(directory, Map.of()).config("print", "--format", "xml"))
                .isEqualTo(64);
        assertThat(Terminal.in(directory, Map.of()).config("print", "--set", "no-value"))
                .isEqualTo(64);
        assertThat(Terminal.in(directory, Map.of()).config("print", "serve")).isEqualTo(64);
    }

    @Test
    void explainsEachLeafOfFiveLayers() throws IOException {
        write(
                "app-config.yaml",
                "backend:\n  listen: 127.0.0.1:7007\n  database:\n    client: better-sqlite3\n    connection: {directory: data}\n");
        write(
                "app-config.prod.yaml",
                "backend:\n  listen: ':7007'\n  database:\n    client: pg\n    connection:\n      host: db\n      password: hunter2\n");
        write(
                "app-config.local.yaml",
                "backend:\n  database:\n    connection:\n      host: localhost\n      port: ${PORT}\n");
        Map<String, String> environment =
                Map.of("PLINTH_ENV", "prod", "PORT", "5433", "APP_CONFIG_backend_database_connection_user", "app");
        Terminal terminal = Terminal.in(directory, environment);

        terminal.config("explain", "--set", "backend.listen=127.0.0.1:0", "--format", "json");

        Map<String, String> winners = new LinkedHashMap<>();
        new JsonObject(terminal.out()).getJsonArray("keys").forEach(each -> {
            JsonObject key = (JsonObject) each;
            List<JsonObject> winning = key.getJsonArray("layers").stream()
                    .map(JsonObject.class::cast)
                    .filter(layer -> layer.getBoolean("wins"))
                    .toList();
            assertThat(winning).hasSize(1);
            assertThat(winning.get(0).getString("source")).isEqualTo(key.getString("source"));
            winners.put(key.getString("key"), key.getValue("value") + " from " + key.getString("source"));
        });
        assertThat(winners)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "backend.listen", "127.0.0.1:0 from --set backend.listen",
                        "backend.database.client", "pg from app-config.prod.yaml:4:5",
                        "backend.database.connection.directory", "data from app-config.yaml:5:18",
                        "backend.database.connection.host", "localhost from app-config.local.yaml:4:7",
                        "backend.database.connection.password", "*** from app-config.prod.yaml:7:7",
                        "backend.database.connection.port", "5433 from app-config.local.yaml:5:7",
                        "backend.database.connection.user", "app from APP_CONFIG_backend_database_connection_user"));
    }

    @Test
    void explainsOneKeyForPeople() throws IOException {
        write("app-config.yaml", "backend:\n  listen: 7007\n");
        write("app-config.local.yaml", "backend:\n  listen: 7008\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        terminal.config("explain", "backend.listen");

        assertThat(terminal.out())
                .isEqualTo(
                        """
                        backend.listen = 7008
                          about: Where the server for plugins and health listens: a port, `:port` for all interfaces, \
                        `host:port`, or an object; port 0 is any free one
                          type: text or whole number or object
                          default: "127.0.0.1:7007"
                          read by: plinth
                            app-config.yaml:2:3  7007
                          > app-config.local.yaml:2:3  7008
                        """);
    }

    @Test
    void explainsADescribedKeyThatNobodySets() throws IOException {
        write("app-config.yaml", "a: 1\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        assertThat(terminal.config("explain", "backend.lifecycle.serverShutdownDelay"))
                .isZero();

        assertThat(terminal.out())
                .startsWith("backend.lifecycle.serverShutdownDelay is not set\n")
                .contains("default: \"0s\"");
    }

    @Test
    void saysThatAnIncludeWasNotReadAndWhatALaterNullHides() throws IOException {
        write("app-config.yaml", "a: {b: {$file: none}, c: 1}\n");
        write("app-config.local.yaml", "a: null\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        terminal.config("explain", "a.b");

        assertThat(terminal.out())
                .isEqualTo(
                        """
                        a.b is not set
                            app-config.yaml:1:5  "(not read: $file overridden by a later layer)"
                            app-config.local.yaml:1:1  null
                        """);
    }

    @Test
    void failsToExplainWhatNobodyKnows() throws IOException {
        write("app-config.yaml", "a: 1\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        assertThat(terminal.config("explain", "b.c")).isEqualTo(1);

        assertThat(terminal.err())
                .isEqualTo(
                        "b.c: no layer sets this key, and no schema describes it; plinth config docs lists the keys\n");
    }

    @Test
    void neverShowsAPlantedSecret() throws IOException {
        write("secret.txt", "PLANTED-file\n");
        write(
                "app-config.yaml",
                """
                backend:
                  database:
                    client: pg
                    connection:
                      password: PLANTED-password
                      ssl: {key: PLANTED-key}
                    isolationSecret: PLANTED-isolation
                    plugin:
                      todo: {connection: 'postgres://u:PLANTED-uri@h/db?sslpassword=PLANTED-parameter'}
                      old: {connection: {password: 4242424242}}
                      odd: {connection: 'postgres://u:PLANTED/slash@at@h/db'}
                github:
                  apiToken: PLANTED-token
                  url: https://PLANTED-user@example.com/x
                  tokens: [PLANTED-listed]
                  credentials: {inner: PLANTED-inner}
                  note: ${PLANTED}
                  cert: {$file: secret.txt}
                  pem: "-----BEGIN PRIVATE KEY-----\\nPLANTED-pem"
                """);
        Map<String, String> environment =
                Map.of("PLANTED", "PLANTED-variable", "APP_CONFIG_catalog_password", "PLANTED-app-config");
        for (String[] args : new String[][] {
            {"print"},
            {"print", "--format", "json"},
            {"explain"},
            {"explain", "--format", "json"},
            {"check"},
            {"check", "--format", "json"},
            {"schema"},
            {"docs"}
        }) {
            Terminal terminal = Terminal.in(directory, environment);
            CommandLine commandLine = new CommandLine(new ConfigCommand(terminal.console()));
            commandLine.execute(append(args, "--set", "secret=PLANTED-set"));
            assertThat(terminal.out() + terminal.err())
                    .as(String.join(" ", args))
                    .doesNotContain("PLANTED-")
                    .doesNotContain("4242424242");
        }
        Terminal shown = Terminal.in(directory, environment);
        shown.config("print", "--show-secrets");
        assertThat(shown.out()).contains("PLANTED-password", "PLANTED-file", "PLANTED-variable", "PLANTED-uri");
    }

    @Test
    void showsHostPortUserAndDatabaseAlsoFromVariables() throws IOException {
        write(
                "app-config.yaml",
                "backend: {database: {connection: {host: '${H}', port: '${P}', user: '${U}', database: '${D}'}}}\n");
        Terminal terminal = Terminal.in(directory, Map.of("H", "db", "P", "5432", "U", "app", "D", "plinth"));

        terminal.config("print", "--format", "json");

        assertThat(new JsonObject(terminal.out())
                        .getJsonObject("backend")
                        .getJsonObject("database")
                        .getJsonObject("connection"))
                .isEqualTo(new JsonObject()
                        .put("host", "db")
                        .put("port", "5432")
                        .put("user", "app")
                        .put("database", "plinth"));
    }

    @Test
    void takesMillisecondsWhereBackstageGivesThem() throws IOException {
        write("app-config.yaml", "backend: {server: {headersTimeout: 60000, requestTimeout: -1, idleTimeout: 5s}}\n");
        Terminal terminal = Terminal.in(directory, Map.of());

        assertThat(terminal.config("check")).isEqualTo(78);
        assertThat(terminal.out())
                .contains("1 error")
                .contains("backend.server.requestTimeout: expected a duration")
                .doesNotContain("headersTimeout");
    }

    @Test
    void mergesPluginSchemasIntoOne() throws IOException {
        write("app-config.yaml", "catalog: {interval: soon, apiHost: '${H}', lcoations: []}\n");
        String schema =
                """
                {"type": "object", "additionalProperties": false, "properties": {
                  "interval": {"type": "string", "format": "duration", "default": "1m", "description": "How often"},
                  "apiHost": {"type": "string", "description": "Which host"},
                  "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}}},
                 "$defs": {"location": {"type": "object"}}}
                """;
        Terminal terminal = Terminal.in(directory, Map.of("H", "example.com"));
        CommandLine config = new CommandLine(
                new ConfigCommand(terminal.console(), root -> Map.of("catalog", schema, "todo", ""), List.of()));

        assertThat(config.execute("check")).isEqualTo(78);
        assertThat(terminal.out())
                .isEqualTo(
                        """
                        app-config.yaml:1:11 catalog.interval: expected a duration such as "30s", "PT1M" or {seconds: 30}, \
                        got "soon"; add a unit, as in 30s
                        warning: app-config.yaml:1:44 catalog.lcoations: unknown key, did you mean "locations"?
                        1 error, 1 warning
                        """);
        config.execute("schema");
        assertThat(terminal.out()).contains("\"$id\": \"urn:plinth:plugin:catalog\"");
        config.execute("docs");
        assertThat(terminal.out()).contains("| `catalog.interval` | duration | `1m` | How often |");
        config.execute("explain", "catalog.apiHost");
        assertThat(terminal.out()).contains("catalog.apiHost = \"example.com\"").contains("read by: catalog");
    }

    private static String[] append(String[] args, String... more) {
        String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return all;
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }
}
