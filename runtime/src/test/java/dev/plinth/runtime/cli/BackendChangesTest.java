package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.testing.Configs;
import dev.plinth.runtime.testing.LogLines;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BackendChangesTest {

    @AfterEach
    void restore() {
        ((Logger) LoggerFactory.getLogger("plinth")).setLevel(null);
    }

    @Test
    void namesTheKeysThatNeedARestart() {
        assertThat(told(
                        "{'listen': 1, 'server': {'maxBodyBytes': 5}, 'cors': {'origin': ['a', 'b']}}",
                        "{'listen': 1, 'server': {'maxBodyBytes': 6}, 'cors': {'origin': ['a']}, 'trustProxy': 1}"))
                .containsExactly("needs a restart to take effect: backend.server.maxBodyBytes, backend.cors.origin,"
                        + " backend.trustProxy");
        assertThat(told("{'server': {'idleTimeout': '1s'}}", "{}"))
                .containsExactly("needs a restart to take effect: backend.server.idleTimeout");
    }

    @Test
    void namesWhatTheReloadOfAPluginIsEnoughFor() {
        assertThat(told(
                        "{'plugins': {'todo': {'stopTimeout': '1s', 'maxConcurrentRequests': 1}}}",
                        "{'plugins': {'todo': {'stopTimeout': '2s', 'maxConcurrentRequests': 2}}}"))
                .containsExactly(
                        "needs a restart, or plinth plugin reload for a plugin from a jar, to take effect:"
                                + " backend.plugins.todo.stopTimeout",
                        "needs a restart to take effect: backend.plugins.todo.maxConcurrentRequests");
    }

    @Test
    void renewedSecretsAndCertificatesNeedNone() {
        assertThat(told(
                        "{'admin': {'token': 'a'}, 'database': {'connection': {'password': 'a'}}}",
                        "{'admin': {'token': 'b'}, 'database': {'connection': {'password': 'b'},"
                                + " 'plugin': {'todo': {'connection': {'password': 'c'}}}}}"))
                .containsExactly("used from now on, as the configuration has changed: backend.admin.token,"
                        + " backend.database.connection.password, backend.database.plugin.todo.connection.password");
        assertThat(told(
                        "{'https': {'certificate': {'cert': 'a', 'key': 'a'}}}",
                        "{'https': {'certificate': {'cert': 'b', 'key': 'b'}}}"))
                .isEmpty();
    }

    @Test
    void aTokenThatIsGoneAndTlsThatComesNeedOne() {
        assertThat(told("{'admin': {'token': 'a'}}", "{'https': {'certificate': {'cert': 'b'}}}"))
                .containsExactly("needs a restart to take effect: backend.https.certificate.cert, backend.admin.token");
    }

    @Test
    void namesSomeOfMany() {
        assertThat(told(
                        "{}",
                        "{'server': {'a': 1, 'b': 1, 'c': 1, 'd': 1, 'e': 1, 'f': 1, 'g': 1, 'h': 1, 'i': 1, 'j': 1}}"))
                .singleElement()
                .asString()
                .endsWith("backend.server.h and 2 more");
    }

    private static List<String> told(String before, String now) {
        // Other tests may have changed what it inherits.
        ((Logger) LoggerFactory.getLogger("plinth")).setLevel(Level.INFO);
        try (LogLines log = LogLines.of("plinth")) {
            new BackendChanges(backend(before)).tell(backend(now));
            return log.lines();
        }
    }

    private static Config backend(String json) {
        return Configs.of(new JsonObject().put("backend", new JsonObject(json.replace('\'', '"'))))
                .at("backend");
    }
}
