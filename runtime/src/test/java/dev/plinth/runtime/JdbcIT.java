package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.H2;
import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PluginJar;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fat jar with a database that it does not know, whose driver's jar lies beside the plugins. */
class JdbcIT {

    @TempDir
    private Path directory;

    @BeforeEach
    void aPluginAndADriver() throws Exception {
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [plugins]
                  database:
                    client: jdbc
                    connection: {url: 'jdbc:h2:./data/{plugin};WRITE_DELAY=0', user: sa, password: PLANTED}
                """);
        PluginJar.of("counter")
                .starting(
                        """
                        return context.database().onSuccess(pool -> context.router().get("/next").respond(request ->
                            pool.withTransaction(connection ->
                                connection.preparedQuery("UPDATE counter SET n = n + $1").execute(Tuple.of(1))
                                    .compose(done -> connection.query("SELECT n FROM counter").execute()))
                                .map(rows -> new JsonObject().put("n", rows.iterator().next().getLong(0)))));""")
                .with(
                        "db/migration/V1__counter.sql",
                        "CREATE TABLE counter (n BIGINT NOT NULL);\nINSERT INTO counter VALUES (0);")
                .writeTo(directory.resolve("plugins"));
        H2.installDriver(directory.resolve("drivers"));
    }

    @Test
    void servesAPluginOnAnyDatabaseWithADriver() throws Exception {
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.awaitReady()).endsWith("(1 plugins ready, 0 failed)");
            assertThat(plinth.get("/api/counter/next").body()).isEqualTo("{\"n\":1}");
            assertThat(plinth.terminate()).isZero();
        }
        try (PlinthProcess plinth = PlinthProcess.start(directory, Map.of())) {
            assertThat(plinth.awaitReady()).endsWith("(1 plugins ready, 0 failed)");
            assertThat(plinth.get("/api/counter/next").body()).isEqualTo("{\"n\":2}");
        }
    }

    @Test
    void theVerbsForDatabasesAnswer() throws Exception {
        assertThat(run("db", "plan")).contains("jdbc:h2:./data/counter").doesNotContain("PLANTED");
        assertThat(run("db", "check")).containsPattern("reachable +yes").doesNotContain("PLANTED");
        assertThat(run("db", "migrate")).contains("counter");
        assertThat(run("db", "status")).contains("counter", "applied").doesNotContain("PLANTED");
    }

    private String run(String... arguments) throws Exception {
        try (PlinthProcess plinth = PlinthProcess.run(directory, Map.of(), arguments)) {
            assertThat(plinth.exitCode()).as(plinth.errors()).isZero();
            return plinth.output() + plinth.errors();
        }
    }
}
