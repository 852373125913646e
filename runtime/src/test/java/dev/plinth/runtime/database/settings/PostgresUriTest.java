package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUriTest {

    @Test
    void takesEveryPartApart() throws Exception {
        assertThat(PostgresUri.parse("postgresql://ann:pw@db.example:6432/shop?sslmode=require&application_name=till"))
                .isEqualTo(Map.of(
                        "user", "ann",
                        "password", "pw",
                        "host", "db.example",
                        "port", "6432",
                        "database", "shop",
                        "sslmode", "require",
                        "application_name", "till"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql://", "postgres://", "postgres:///", "postgresql://@/", "postgresql://?"})
    void leavesOutWhatTheTextLeavesOut(String text) throws Exception {
        assertThat(PostgresUri.parse(text)).isEmpty();
    }

    @Test
    void decodesPercentSignsButNotPlusSigns() throws Exception {
        assertThat(PostgresUri.parse("postgres://a%40b:p%2Fw%3A%25%C3%A4+@h/my%20db?options=-c%20a%3Db%26c"))
                .containsEntry("user", "a@b")
                .containsEntry("password", "p/w:%\u00e4+")
                .containsEntry("database", "my db")
                .containsEntry("options", "-c a=b&c");
    }

    @Test
    void splitsUserAndPasswordAtTheFirstColonAndTheServerAtTheLastAt() throws Exception {
        assertThat(PostgresUri.parse("postgres://a:b:c@d@h"))
                .isEqualTo(Map.of("user", "a", "password", "b:c@d", "host", "h"));
    }

    @Test
    void readsAnAddressInBrackets() throws Exception {
        assertThat(PostgresUri.parse("postgres://[::1]:5433/x"))
                .isEqualTo(Map.of("host", "::1", "port", "5433", "database", "x"));
    }

    @Test
    void readsTheDirectoryOfASocket() throws Exception {
        assertThat(PostgresUri.parse("postgres://%2Fvar%2Frun%2Fpostgresql/x"))
                .isEqualTo(PostgresUri.parse("postgres:///x?host=/var/run/postgresql"))
                .isEqualTo(Map.of("host", "/var/run/postgresql", "database", "x"));
    }

    @Test
    void letsAnOptionNameTheDatabaseAsLibpqDoes() throws Exception {
        assertThat(PostgresUri.parse("postgres:///x?dbname=y")).isEqualTo(Map.of("database", "y"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "",
                "mysql://u:secret@h",
                "postgres://u:secret@h:port",
                "postgres://u:secret%zz@h",
                "postgres://u:secret%@h",
                "postgres://u:secret%ff@h",
                "postgres://u:secret%00@h",
                "postgres://u:secret@h,i",
                "postgres://h?secret",
                "postgres://h?=secret"
            })
    void refusesTheRestWithoutShowingIt(String text) {
        assertThatThrownBy(() -> PostgresUri.parse(text))
                .isInstanceOf(PostgresUri.Malformed.class)
                .message()
                .doesNotContain("secret");
    }
}
