package dev.plinth.runtime.database.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTraitsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "select 'SET x', \"begin\" from t -- reset all",
                "/* begin /* nested */ set */ UPDATE t SET a = 1",
                "INSERT INTO t VALUES ($1, 'it''s; set x to y')",
                "SELECT $$; SET x TO y$$, $tag$ ; LISTEN a $tag$, E'\\'; begin'",
                "WITH a AS (SELECT 1) DELETE FROM t USING a",
                "SET LOCAL x TO y",
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                "CREATE TABLE settings (begin int)",
                "SELECT pg_advisory_xact_lock(1)",
                "SELECT set FROM listen",
                "SELECT \"a\" FROM \"listen\"",
            })
    void leavesNothingBehind(String sql) {
        assertThat(SqlTraits.of(sql).isClean()).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET search_path TO x",
                "set session x = 1",
                "SELECT 1; SET role TO x",
                "-- a comment\n  LISTEN x",
                "SELECT set_config('a', 'b', false)",
                "SELECT \"set_config\"('a', 'b', false)",
                "SELECT U&\"set\\005fconfig\"('a', 'b', false)",
                "UPDATE pg_settings SET setting = '1' WHERE name = 'work_mem'",
                "SELECT PG_ADVISORY_LOCK(1)",
                "CREATE TEMP TABLE t (a int)",
                "SELECT 1 INTO TEMPORARY t",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
                "RESET ALL",
                "DO $$ BEGIN END $$",
                "CALL p()",
                "SOMETHING new",
            })
    void mayChangeTheSession(String sql) {
        assertThat(SqlTraits.of(sql).changesSession()).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BEGIN", " start transaction", "SELECT 1; begin; SELECT 2", "SAVEPOINT a", "(BEGIN"})
    void mayOpenATransaction(String sql) {
        assertThat(SqlTraits.of(sql).opensTransaction()).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PREPARE p AS SELECT 1", "DEALLOCATE ALL", "DISCARD ALL", "LOAD 'x'"})
    void spoilsPreparedStatements(String sql) {
        assertThat(SqlTraits.of(sql).spoilsStatements()).as(sql).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'", "\"", "$$", "$a$ $", "/*", "--", "E'\\", "$"})
    void readsWhatIsNotClosedToItsEnd(String sql) {
        assertThat(SqlTraits.of(sql).isClean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"CALL p()", "DO $$ BEGIN COMMIT; END $$", "VACUUM t", "CREATE INDEX CONCURRENTLY i ON t (a)"})
    void knowsWhatMayHaveCommittedBeforeItIsDone(String sql) {
        assertThat(SqlTraits.of(sql).commitsInside()).as(sql).isTrue();
        assertThat(SqlTraits.of("SELECT 'call', 1 AS \"do\"").commitsInside()).isFalse();
    }
}
