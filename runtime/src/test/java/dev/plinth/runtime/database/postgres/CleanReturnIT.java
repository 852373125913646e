package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one borrower does to its session, the next does not see. */
@ExtendWith(PostgresExtension.class)
class CleanReturnIT {

    @AutoClose
    private final Pools pools = new Pools("clean");

    private final PostgresExtension.Server server;
    private Pool pool;

    CleanReturnIT(PostgresExtension.Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() {
        pool = pools.open(PgFixture.settings(
                "todo", server.port(), "postgres", Optional.empty(), pool(1), TlsSettings.DISABLED, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET search_path TO pg_catalog       | SELECT current_setting('search_path')                 | \"$user\", public",
                "SET statement_timeout TO 77         | SELECT current_setting('statement_timeout')           | 30s",
                "SET ROLE pg_monitor                 | SELECT current_user::text                             | postgres",
                "SELECT set_config('a.b', 'c', false) | SELECT coalesce(current_setting('a.b', true), '')    | ''",
                "CREATE TEMP TABLE t (a int)         | SELECT coalesce(to_regclass('pg_temp.t')::text, '')   | ''",
                "LISTEN channel                      | SELECT coalesce(min(c), '') FROM pg_listening_channels() c | ''",
                "SELECT pg_advisory_lock(99)         | SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' | 0",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | SELECT count(*)::text FROM pg_cursors             | 0",
                "BEGIN                               | SELECT (now() = statement_timestamp())::text          | true",
                "PREPARE p AS SELECT 1               | SELECT count(*)::text FROM pg_prepared_statements WHERE name = 'p' | 0",
            })
    void undoes(String change, String look, String expected) {
        SqlConnection connection = await(pool.getConnection());
        await(connection.query(change).execute());
        await(connection.close());
        assertThat(value(await(pool.query(look).execute()))).isEqualTo(expected);

        await(pool.query(change).execute());
        assertThat(value(await(pool.query(look).execute()))).isEqualTo(expected);
    }

    @Test
    void keepsTheConnectionAndItsStatementsWhenItResets() {
        String process = "SELECT pg_backend_pid()";
        Object before = value(await(pool.preparedQuery(process).execute()));
        await(pool.query("SET search_path TO pg_catalog").execute());
        assertThat(value(await(pool.preparedQuery(process).execute()))).isEqualTo(before);
    }

    @Test
    void sendsNothingMoreWhenNothingWasChanged() {
        String count = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
        SqlConnection connection = await(pool.getConnection());
        Object process = value(await(connection.query("SELECT pg_backend_pid()").execute()));
        await(connection.preparedQuery("SELECT $1::int").execute(Tuple.of(1)));
        await(connection.close());
        Object last = value(await(pool.preparedQuery("SELECT query FROM pg_stat_activity WHERE pid = $1")
                .execute(Tuple.of(process))));
        assertThat(last).asString().doesNotContain("ROLLBACK").startsWith("SELECT query");
        assertThat(count).isNotEmpty();
    }

    @Test
    void seesTheChangeOfATableThatAnotherMadeMeanwhile() throws Exception {
        String table = server.uniqueName("changing");
        server.execute("postgres", "CREATE TABLE " + table + " (a int)", "INSERT INTO " + table + " VALUES (1)");
        String sql = "SELECT * FROM " + table;
        assertThat(await(pool.preparedQuery(sql).execute()).columnsNames()).hasSize(1);
        server.execute("postgres", "ALTER TABLE " + table + " ADD COLUMN b text DEFAULT 'new'");
        assertThat(await(pool.preparedQuery(sql).execute()).iterator().next().getString("b"))
                .isEqualTo("new");
    }
}
