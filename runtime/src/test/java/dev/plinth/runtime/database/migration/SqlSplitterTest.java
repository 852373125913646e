package dev.plinth.runtime.database.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.Dialect;
import dev.plinth.runtime.database.migration.SqlSplitter.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlSplitterTest {

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void cutsAtSemicolonsAndTellsTheLines(Dialect dialect) {
        assertThat(SqlSplitter.split("\nSELECT 1;\n\n  SELECT\n 2 ;;\n", dialect))
                .containsExactly(new Statement("SELECT 1", 2), new Statement("SELECT\n 2", 4));
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void leavesOutCommentsAroundStatements(Dialect dialect) {
        assertThat(split("-- one; two\nSELECT 1 -- no; end\n; /* three; */ -- end", dialect))
                .containsExactly("SELECT 1");
        assertThat(split("-- only a comment\n/* and another */", dialect)).isEmpty();
        assertThat(split("", dialect)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void keepsSemicolonsInQuotes(Dialect dialect) {
        assertThat(split("SELECT 'it''s; one', \"a;\"\"b\"; SELECT '--', '/*'; SELECT 2", dialect))
                .containsExactly("SELECT 'it''s; one', \"a;\"\"b\"", "SELECT '--', '/*'", "SELECT 2");
    }

    @Test
    void knowsPostgresStrings() {
        assertThat(split("SELECT E'a\\';b'; SELECT 'a\\'; SELECT 2", Dialect.POSTGRESQL))
                .containsExactly("SELECT E'a\\';b'", "SELECT 'a\\'", "SELECT 2");
        assertThat(split("SELECT $$a;'b$$; SELECT $x$ $$;$$ $x$; SELECT a$b$ FROM c$b$; SELECT $1", Dialect.POSTGRESQL))
                .containsExactly("SELECT $$a;'b$$", "SELECT $x$ $$;$$ $x$", "SELECT a$b$ FROM c$b$", "SELECT $1");
    }

    @Test
    void knowsThatCommentsNestInPostgresOnly() {
        String text = "SELECT 1 /* a /* b */ ; SELECT 2 -- */";
        assertThat(split(text, Dialect.SQLITE)).containsExactly("SELECT 1", "SELECT 2");
        assertThat(split("SELECT 1 /* a /* b; */ ; */ ; SELECT 2", Dialect.POSTGRESQL))
                .containsExactly("SELECT 1", "SELECT 2");
    }

    @Test
    void knowsSqlitesQuotedNames() {
        assertThat(split("SELECT `a;b`, [c;d]; SELECT 2", Dialect.SQLITE))
                .containsExactly("SELECT `a;b`, [c;d]", "SELECT 2");
        assertThat(split("SELECT a[1]; SELECT 2", Dialect.POSTGRESQL)).containsExactly("SELECT a[1]", "SELECT 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END; DELETE FROM d; END",
                "create temp trigger if not exists t after insert on a begin select 1; end"
            })
    void keepsASqliteTriggerTogether(String trigger) {
        assertThat(split(trigger + "; SELECT 2;", Dialect.SQLITE)).containsExactly(trigger, "SELECT 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
                "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql",
                "CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2)"
            })
    void keepsAPostgresBodyTogether(String body) {
        assertThat(split(body + "; SELECT 2;", Dialect.POSTGRESQL)).containsExactly(body, "SELECT 2");
    }

    @Test
    void endsATransactionBlockAtItsSemicolons() {
        assertThat(split("BEGIN; SELECT 1; END; SELECT 2", Dialect.SQLITE))
                .containsExactly("BEGIN", "SELECT 1", "END", "SELECT 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1;\n 'abc", "SELECT 1;\n \"abc", "SELECT 1;\n /* abc", "SELECT 1;\n $a$ abc $b$"})
    void tellsWhereAnUnendedQuoteBegins(String text) {
        assertThatThrownBy(() -> split(text, Dialect.POSTGRESQL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "line 2: the (string|quoted name|comment|dollar-quoted string) that begins here does not end");
    }

    @Test
    void findsTheLineOfACharacter() {
        Statement statement = new Statement("SELECT\na,\nb", 10);
        assertThat(statement.lineOf(0)).isEqualTo(10);
        assertThat(statement.lineOf(7)).isEqualTo(11);
        assertThat(statement.lineOf(1000)).isEqualTo(12);
    }

    private static List<String> split(String text, Dialect dialect) {
        return SqlSplitter.split(text, dialect).stream().map(Statement::sql).toList();
    }
}
