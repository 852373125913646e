package dev.plinth.runtime.database.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.Dialect;
import dev.plinth.plugin.JavaMigration;
import dev.plinth.runtime.bus.DatabaseRequest;
import dev.plinth.runtime.bus.DatabaseRequest.MigrationFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationReaderTest {

    @Test
    void ordersByVersionAndPutsRepeatableOnesLast() {
        assertThat(sources(
                        Dialect.SQLITE,
                        "V10__c.sql",
                        "R__view.sql",
                        "V9__b.sql",
                        "V20260101120000__d.sql",
                        "R__a.sql",
                        "V1__a.sql"))
                .containsExactly(
                        "V1__a.sql", "V9__b.sql", "V10__c.sql", "V20260101120000__d.sql", "R__a.sql", "R__view.sql");
    }

    @Test
    void putsJavaMigrationsBetweenTheFiles() {
        List<Migration> migrations = reader(Dialect.SQLITE)
                .read(new DatabaseRequest("todo", files("V1__a.sql", "V3__c.sql"), List.of(new Fill(2))));
        assertThat(migrations).extracting(Migration::version).containsExactly(1L, 2L, 3L);
        assertThat(migrations.get(1).source()).isEqualTo(Fill.class.getName());
    }

    @Test
    void prefersTheVariantOfTheDialect() {
        String[] names = {"V1__a.sql", "V1__a.pg.sql", "V2__b.sqlite.sql", "V2__b.pg.sql", "V3__only.pg.sql"};
        assertThat(sources(Dialect.POSTGRESQL, names))
                .containsExactly("V1__a.pg.sql", "V2__b.pg.sql", "V3__only.pg.sql");
        assertThat(sources(Dialect.SQLITE, names)).containsExactly("V1__a.sql", "V2__b.sqlite.sql");
    }

    @Test
    void ignoresFilesThatAreNotSql() {
        assertThat(sources(Dialect.SQLITE, "README.md", "V1__a.sql")).containsExactly("V1__a.sql");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1__a.sql", "V1_a.sql", "V__a.sql", "V1.sql", "V1__a.SQL", "setup.sql", "V1.2__a.sql"})
    void refusesANameThatIsNone(String name) {
        assertThatThrownBy(() -> sources(Dialect.SQLITE, name))
                .isInstanceOf(MigrationException.class)
                .hasMessage("plugin 'todo': db/migration/" + name
                        + " is not named as a migration; expected V<number>__<name>.sql or R__<name>.sql,"
                        + " with .pg.sql or .sqlite.sql for one database only");
    }

    @Test
    void refusesAnUnknownVariant() {
        assertThatThrownBy(() -> sources(Dialect.SQLITE, "V1__a.mysql.sql"))
                .hasMessage(
                        "plugin 'todo': db/migration/V1__a.mysql.sql: unknown variant \"mysql\"; known are pg and sqlite");
    }

    @Test
    void refusesTwoOfOneVersion() {
        assertThatThrownBy(() -> sources(Dialect.SQLITE, "V1__a.sql", "V01__b.sql"))
                .hasMessage("plugin 'todo': migrations V1__a.sql and V01__b.sql have the same version 1;"
                        + " give one of them a number of its own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"BEGIN", "start transaction", "COMMIT", "END", "rollback", "ABORT", "PREPARE TRANSACTION 'x'"})
    void refusesTransactionsOfItsOwn(String statement) {
        assertThatThrownBy(() -> read("SELECT 1;\n" + statement + ";"))
                .hasMessageStartingWith("plugin 'todo': migration V1__a.sql, line 2: ")
                .hasMessageContaining("is not allowed, as each file runs in a transaction of its own");
    }

    @Test
    void allowsSavepoints() {
        assertThat(read("SAVEPOINT a; ROLLBACK TO a; RELEASE a")).isNotNull();
    }

    @Test
    void knowsWhatShallRunWithoutTransaction() {
        assertThat(read("-- plinth: no-transaction\nBEGIN; COMMIT").transactional())
                .isFalse();
        assertThat(read("SELECT '-- plinth: no-transaction'").transactional()).isTrue();
    }

    @Test
    void refusesDataFromStandardInput() {
        assertThatThrownBy(() -> read("COPY item (id)\nFROM stdin;"))
                .hasMessage("plugin 'todo': migration V1__a.sql, line 1: COPY FROM STDIN is not supported; use INSERT");
    }

    @Test
    void namesTheFileOfAnUnendedString() {
        assertThatThrownBy(() -> read("SELECT 'a"))
                .hasMessage("plugin 'todo': migration V1__a.sql, line 1: the string that begins here does not end");
    }

    @Test
    void countsTheSameTextWithOtherLineEndsAsUnchanged() {
        assertThat(read("\uFEFFSELECT 1;\r\nSELECT 2\r").checksum())
                .isEqualTo(read("SELECT 1;\nSELECT 2\n").checksum())
                .isNotEqualTo(read("SELECT 1;\nSELECT 2").checksum());
    }

    private static Migration read(String text) {
        MigrationFile file = new MigrationFile("V1__a.sql", text);
        return reader(Dialect.POSTGRESQL)
                .read(new DatabaseRequest("todo", List.of(file), List.of()))
                .get(0);
    }

    private static List<String> sources(Dialect dialect, String... names) {
        return reader(dialect).read(new DatabaseRequest("todo", files(names), List.of())).stream()
                .map(Migration::source)
                .toList();
    }

    private static List<MigrationFile> files(String... names) {
        return Arrays.stream(names)
                .map(name -> new MigrationFile(name, "SELECT 1"))
                .toList();
    }

    private static MigrationReader reader(Dialect dialect) {
        return new MigrationReader("todo", dialect);
    }

    private record Fill(int version) implements JavaMigration {

        @Override
        public String name() {
            return "fill";
        }

        @Override
        public Future<?> migrate(SqlConnection connection, Dialect dialect) {
            return Future.succeededFuture();
        }
    }
}
