package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class DbVerbsIT {

    private static final String ROLES = "isolation: role\n    isolationSecret: a long random text";

    @TempDir
    private Path directory;

    private Terminal terminal;

    @Test
    void showsWhatIsPendingBeforeAndAppliedAfterMigrating(Server server) throws Exception {
        configure(server.port(), server.uniqueName("verbs"));
        assertThat(db("status")).isZero();
        assertThat(terminal.out()).containsPattern("todo +1 +\\w+ +sql +pending");

        assertThat(db("migrate")).isZero();
        assertThat(terminal.out()).contains("-- todo: applied V1__");
        assertThat(db("status")).isZero();
        assertThat(terminal.out()).containsPattern("todo +1 +\\w+ +sql +applied");
        assertThat(db("migrate")).isZero();
        assertThat(terminal.out()).contains("-- todo: nothing to do");
    }

    @Test
    void printsTheSqlAndChangesNothingInADryRun(Server server) throws Exception {
        configure(server.port(), server.uniqueName("verbs"));
        assertThat(db("migrate", "--dry-run", "--plugin", "todo")).isZero();
        assertThat(terminal.out())
                .contains("-- todo: V1__")
                .contains("CREATE TABLE")
                .doesNotContain("catalog");
        assertThat(db("status", "--format", "json")).isZero();
        assertThat(new JsonObject(terminal.out())
                        .getJsonObject("plugins")
                        .getJsonObject("todo")
                        .getJsonArray("migrations")
                        .getJsonObject(0)
                        .getString("state"))
                .isEqualTo("pending");
    }

    @Test
    void acceptsAChangedMigrationWhenToldTo(Server server) throws Exception {
        String prefix = server.uniqueName("verbs");
        configure(server.port(), prefix);
        db("migrate");
        server.execute(prefix + "todo", "UPDATE plinth_migration SET checksum = 'old'");

        assertThat(db("status")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.out()).containsPattern("todo +1 +\\w+ +sql +changed");
        assertThat(db("migrate", "--plugin", "todo")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.err()).contains("was changed after it was applied");
        assertThat(db("migrate", "--repair", "--plugin", "todo")).isZero();
        assertThat(terminal.out()).contains("-- todo: accepted V1__");
        assertThat(db("status")).isZero();
    }

    @Test
    void tellsWhatTheDatabaseIsLike(Server server) throws Exception {
        configure(server.port(), server.uniqueName("verbs"));
        assertThat(db("check", "--plugin", "todo")).isZero();
        assertThat(terminal.out())
                .containsPattern("database +postgres@127.0.0.1:\\d+/verbs_\\d+todo")
                .containsPattern("reachable +yes")
                .containsPattern("server +1\\d\\.")
                .containsPattern("tls +off \\(prefer\\)")
                .containsPattern("exists +no")
                .containsPattern("may create +database, schema, role")
                .containsPattern("connections +\\d+ of 97")
                .containsPattern("migrations +1 pending");
    }

    @Test
    void saysWhyADatabaseCannotBeReached() throws Exception {
        configure(1, "verbs_");
        assertThat(db("check")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.out())
                .containsPattern("reachable +no")
                .contains("plugin 'todo': cannot connect to postgres@127.0.0.1:1/verbs_todo: connection refused;"
                        + " check backend.database.connection.host and .port, and that PostgreSQL runs there"
                        + " (backend.database.connection.host at conf/app-config.yaml:6:18,"
                        + " backend.database.connection.port at conf/app-config.yaml:6:35)");
        assertThat(db("status")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.err()).contains("connection refused");
    }

    @Test
    void listsTheDatabasesOfPluginsThatAreNoLongerInstalledAndDropsNone(Server server) throws Exception {
        String prefix = server.uniqueName("verbs") + "_";
        configure(server.port(), prefix);
        assertThat(db("migrate")).isZero();
        server.execute("postgres", "CREATE DATABASE " + prefix + "removed");

        assertThat(db("status")).isZero();
        String orphan = "database '" + prefix + "removed' on 127.0.0.1:" + server.port();
        assertThat(terminal.out().lines().filter(line -> line.startsWith("orphan")))
                .containsExactly("orphan: " + orphan + " belongs to no installed plugin");
        assertThat(db("status", "--format", "json")).isZero();
        assertThat(new JsonObject(terminal.out()).getJsonArray("orphans")).isEqualTo(new JsonArray().add(orphan));
        assertThat(db("status", "--plugin", "todo")).isZero();
        assertThat(terminal.out()).doesNotContain("orphan");
        server.execute(prefix + "removed", "SELECT 1");
    }

    @Test
    void listsTheSchemasOfPluginsThatAreNoLongerInstalled(Server server) throws Exception {
        String database = server.uniqueName("verbs");
        configure(server.port(), "ignored_", ", database: " + database, "pluginDivisionMode: schema");
        assertThat(db("migrate")).isZero();
        server.execute(
                database,
                "CREATE SCHEMA somebody_elses",
                "CREATE SCHEMA removed",
                "CREATE TABLE removed.plinth_migration (version BIGINT)");

        assertThat(db("status")).isZero();
        assertThat(terminal.out().lines().filter(line -> line.startsWith("orphan")))
                .containsExactly("orphan: schema 'removed' in database '" + database + "' on 127.0.0.1:" + server.port()
                        + " belongs to no installed plugin");
    }

    @Test
    void namesTheSqliteFilesOfPluginsThatMovedToPostgres(Server server) throws Exception {
        configure(server.port(), server.uniqueName("verbs"), ", directory: data", "ensureExists: true");
        Files.createDirectories(directory.resolve("data"));
        Files.createFile(directory.resolve("data/todo.sqlite"));
        db("check");
        assertThat(terminal.err().lines())
                .filteredOn(line -> line.contains(".sqlite"))
                .containsExactly(
                        "warning: backend.database.plugin.todo: the plugin is on PostgreSQL, and its SQLite file"
                                + " data/todo.sqlite is still there; move its data over if it is needed, and the file away");
    }

    @Test
    void tellsOfAJarThatCannotBeReadAndCallsNothingAnOrphan(Server server) throws Exception {
        String prefix = server.uniqueName("verbs") + "_";
        configure(server.port(), prefix);
        server.execute("postgres", "CREATE DATABASE " + prefix + "broken");
        Files.createDirectories(directory.resolve("plugins"));
        Files.writeString(directory.resolve("plugins/broken.jar"), "no jar");

        assertThat(db("status")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.out()).containsPattern("todo +1 .*pending").doesNotContain("orphan");
        assertThat(terminal.err())
                .contains("plugins/broken.jar")
                .contains("no search for orphans: not every plugin could be read");
        assertThat(db("check")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.err()).contains("plugins/broken.jar");
        assertThat(db("migrate")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.out()).contains("-- todo: applied");
        assertThat(db("status", "--plugin", "todo")).isZero();
        assertThat(db("plan")).isZero();
        assertThat(terminal.err()).contains("plugins/broken.jar");
    }

    @Test
    void tellsAndMigratesBeforeThePluginsRolesAreThere(Server server) throws Exception {
        configure(server.port(), server.uniqueName("verbs") + "_", "", ROLES);
        assertThat(db("check")).isZero();
        assertThat(terminal.out())
                .containsPattern("exists +no")
                .containsPattern("may create +database, schema, role")
                .containsPattern("migrations +1 pending");
        assertThat(db("status")).isZero();
        assertThat(terminal.out()).containsPattern("todo +1 +\\w+ +sql +pending");
        assertThat(db("migrate", "--dry-run")).isZero();
        assertThat(terminal.out()).contains("CREATE TABLE");

        assertThat(db("migrate")).isZero();
        assertThat(terminal.out()).contains("-- todo: applied V1__");
        assertThat(db("check")).isZero();
        assertThat(terminal.out())
                .containsPattern("exists +yes")
                .containsPattern("may create +database, schema, role")
                .containsPattern("migrations +up to date");
    }

    @Test
    void migrateSwitchesTheRolesOnForDatabasesThatAreThere(Server server) throws Exception {
        String prefix = server.uniqueName("verbs") + "_";
        configure(server.port(), prefix);
        assertThat(db("migrate")).isZero();
        configure(server.port(), prefix, "", ROLES);
        assertThat(db("status")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.err()).contains("role \"" + prefix + "todo\" does not exist");

        assertThat(db("migrate")).isZero();
        assertThat(terminal.out()).contains("-- todo: nothing to do");
        assertThat(db("status")).isZero();
        assertThat(terminal.out()).containsPattern("todo +1 +\\w+ +sql +applied");
    }

    @Test
    void judgesTheRightsOfTheOneWhoCreates(Server server) throws Exception {
        String database = server.uniqueName("verbs");
        server.execute(
                "postgres",
                "CREATE ROLE " + database + "_poor LOGIN",
                "CREATE ROLE " + database + "_rich LOGIN CREATEDB",
                "CREATE DATABASE " + database + " OWNER " + database + "_rich");
        configure(
                server.port(),
                "verbs_",
                ", user: " + database + "_poor, database: " + database,
                "pluginDivisionMode: schema\n    admin: {user: " + database + "_rich}");
        assertThat(db("check", "--plugin", "todo")).isZero();
        assertThat(terminal.out()).containsPattern("may create +database, schema\n");
        assertThat(db("migrate", "--plugin", "todo")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.err())
                .contains("user '" + database + "_rich' may not make things for \"" + database + "_poor\" (42501);"
                        + " GRANT \"" + database + "_poor\" TO \"" + database + "_rich\"");

        server.execute("postgres", "GRANT " + database + "_poor TO " + database + "_rich");
        assertThat(db("migrate", "--plugin", "todo")).isZero();
    }

    @Test
    void findsASchemaInWhichThePluginMayNotMigrate(Server server) throws Exception {
        String prefix = server.uniqueName("verbs");
        String poor = prefix + "_poor";
        server.execute("postgres", "CREATE ROLE " + poor + " LOGIN", "CREATE DATABASE " + prefix + "todo");
        server.execute(prefix + "todo", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        configure(server.port(), prefix, ", user: " + poor, "ensureExists: false");
        assertThat(db("check", "--plugin", "todo")).isEqualTo(ExitCode.FAILURE);
        assertThat(terminal.out())
                .contains("user '" + poor + "' may not create tables in schema 'public' (42501);"
                        + " grant it CREATE on the schema");
        server.execute(prefix + "todo", "GRANT CREATE ON SCHEMA public TO " + poor);
        assertThat(db("check", "--plugin", "todo")).isZero();
        assertThat(db("migrate", "--plugin", "todo")).isZero();
        server.execute(prefix + "todo", "REVOKE CREATE ON SCHEMA public FROM " + poor);
        assertThat(db("check", "--plugin", "todo")).isZero();
    }

    @Test
    void refusesAPluginThatIsNotInstalled() throws Exception {
        configure(1, "verbs_");
        assertThat(db("status", "--plugin", "nobody")).isEqualTo(ExitCode.USAGE);
        assertThat(terminal.err()).contains("plugin 'nobody' is not installed");
    }

    private void configure(int port, String prefix) throws Exception {
        configure(port, prefix, "", "ensureExists: true");
    }

    private void configure(int port, String prefix, String moreOfConnection, String more) throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [%s, plugins]
                  database:
                    client: pg
                    prefix: %s
                    connection: {host: 127.0.0.1, port: %d, %spassword: postgres%s}
                    %s
                """
                        .formatted(
                                PlinthProcess.examplePlugins(),
                                prefix,
                                port,
                                moreOfConnection.contains("user:") ? "" : "user: postgres, ",
                                moreOfConnection,
                                more));
    }

    private int db(String... arguments) {
        terminal = Terminal.in(directory, Map.of());
        String[] all = new String[arguments.length + 1];
        all[0] = "db";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Cli.run(terminal.console(), all);
    }
}
