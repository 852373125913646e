package dev.plinth.runtime.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyOriginsTest {

    private final KeyOrigins origins = new KeyOrigins(Map.of(
            "host", "conf/app-config.yaml:12:7 backend.database.connection.host",
            "port", Resolution.DEFAULT,
            "user", "PGUSER",
            "ensureDatabase", "conf/my config.yaml:3:4 backend.database.plugin.todo.ensureExists",
            "pool.max", "conf/app-config.yaml:9:5 backend.database.knexConfig.pool.max",
            "database", "generated from prefix and plugin id"));

    @Test
    void addsFileAndLineOfTheKeysThatWereGiven() {
        assertThat(message("refused; check backend.database.connection.host and .port, and that it runs"))
                .isEqualTo("refused; check backend.database.connection.host and .port, and that it runs"
                        + " (backend.database.connection.host at conf/app-config.yaml:12:7)");
    }

    @Test
    void tellsTheKeyThatDecidedAndNotTheOneOfTheMessage() {
        assertThat(message("no; create it, or set backend.database.ensureExists to true"))
                .endsWith(" (backend.database.plugin.todo.ensureExists at conf/my config.yaml:3:4)");
    }

    @Test
    void tellsTheVariableThatDecided() {
        assertThat(message("no; check backend.database.connection.user and .password"))
                .isEqualTo("no; check backend.database.connection.user and .password (PGUSER)");
    }

    @Test
    void tellsWhereTheDatabaseIsNamedWhenTheMessageNamesNoKey() {
        assertThat(message("raise max_connections on the server"))
                .endsWith(" (backend.database.connection.host at conf/app-config.yaml:12:7)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl", "ssl.ca", "ssl.servername", "sslmode"})
    void tellsWhichKeyDecidedAboutTls(String key) {
        KeyOrigins tls = new KeyOrigins(
                Map.of("user", "PGUSER", "tls", "conf/app-config.yaml:14:7 backend.database.connection.sslmode"));
        assertThat(tls.complete(new DatabaseUnavailableException("see backend.database.connection." + key)))
                .hasMessageEndingWith(" (backend.database.connection.sslmode at conf/app-config.yaml:14:7)");
    }

    @Test
    void addsNothingTwice() {
        Throwable once = origins.complete(new DatabaseUnavailableException("check backend.database.connection.host"));
        assertThat(origins.complete(once)).hasMessage(once.getMessage());
    }

    @Test
    void addsNothingWhenNobodyGaveAnything() {
        assertThat(new KeyOrigins(Map.of("host", Resolution.DEFAULT))
                        .complete(new DatabaseUnavailableException("check backend.database.connection.host")))
                .hasMessage("check backend.database.connection.host");
    }

    @Test
    void keepsTheKindOfFailureAndItsCause() {
        Throwable cause = new IllegalStateException("away");
        assertThat(origins.complete(new RetryableException("away", cause)))
                .isInstanceOf(RetryableException.class)
                .hasCause(cause);
        assertThat(origins.complete(new PoolExhaustedException("see backend.database.knexConfig.pool.max")))
                .isInstanceOf(PoolExhaustedException.class)
                .hasMessage("see backend.database.knexConfig.pool.max"
                        + " (backend.database.knexConfig.pool.max at conf/app-config.yaml:9:5)");
        assertThat(origins.complete(cause)).isSameAs(cause);
    }

    private String message(String text) {
        return String.valueOf(
                origins.complete(new DatabaseUnavailableException(text)).getMessage());
    }
}
