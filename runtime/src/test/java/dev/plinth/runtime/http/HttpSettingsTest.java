package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {

    private final Problems problems = new Problems();

    @Test
    void hasDefaultsThatReachThisMachineOnly() {
        assertThat(read("{}"))
                .isEqualTo(new HttpSettings(
                        new ListenSettings("127.0.0.1", 7007),
                        10 * 1024 * 1024,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        Map.of(),
                        Set.of()));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void readsEachSetting() {
        HttpSettings settings = read(
                """
                {"backend": {"listen": {"host": "::1", "port": 0},
                  "server": {"maxBodyBytes": 100, "idleTimeout": "1s", "requestTimeout": "2s"},
                  "lifecycle": {"startupRequestPauseTimeout": "3s", "serverShutdownDelay": {"seconds": 4},
                    "shutdownTimeout": "PT5S"},
                  "plugins": {"toDo": {"maxConcurrentRequests": 6, "maxQueuedRequests": 7}}, "health": {"required": ["Todo"]}}}
                """);

        assertThat(settings)
                .isEqualTo(new HttpSettings(
                        new ListenSettings("::1", 0),
                        100,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        Map.of("todo", new RequestLimits(6, 7)),
                        Set.of("todo")));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void reportsEachBadValueAtOnce() {
        read(
                """
                {"backend": {"listen": {"port": 70000},
                  "server": {"maxBodyBytes": -1, "idleTimeout": "25 days", "requestTimeout": []},
                  "lifecycle": {"startupRequestPauseTimeout": true, "serverShutdownDelay": "x", "shutdownTimeout": "x"},
                  "plugins": {"toDo": {"maxConcurrentRequests": 0, "maxQueuedRequests": -1}}, "health": {"required": "todo"}}}
                """);

        assertThat(problems.list())
                .extracting(Problem::key)
                .containsExactly(
                        "backend.listen.port",
                        "backend.server.maxBodyBytes",
                        "backend.server.idleTimeout",
                        "backend.server.requestTimeout",
                        "backend.lifecycle.startupRequestPauseTimeout",
                        "backend.lifecycle.serverShutdownDelay",
                        "backend.lifecycle.shutdownTimeout",
                        "backend.plugins.toDo.maxConcurrentRequests",
                        "backend.plugins.toDo.maxQueuedRequests",
                        "backend.health.required");
    }

    @ParameterizedTest
    @CsvSource({
        "7007, 127.0.0.1, 7007",
        ":7007, 0.0.0.0, 7007",
        "localhost:80, localhost, 80",
        "0.0.0.0:0, 0.0.0.0, 0",
        "[::1]:8080, ::1, 8080",
    })
    void readsAnAddressAsText(String text, String host, int port) {
        assertThat(read("{\"backend\": {\"listen\": \"" + text + "\"}}").listen())
                .isEqualTo(new ListenSettings(host, port));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void readsAPortAsANumber() {
        assertThat(read("{\"backend\": {\"listen\": 8080}}").listen()).isEqualTo(new ListenSettings("127.0.0.1", 8080));
    }

    @Test
    void staysOnThisMachineWhenOnlyThePortIsGiven() {
        assertThat(read("{\"backend\": {\"listen\": {\"port\": 0}}}").listen())
                .isEqualTo(new ListenSettings("127.0.0.1", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"port", "a:b:80", "localhost:", "host:70000", "::1:80", "http://x:80"})
    void reportsAnAddressThatIsNone(String text) {
        read("{\"backend\": {\"listen\": \"" + text + "\"}}");

        assertThat(problems.list()).singleElement().satisfies(problem -> assertThat(problem.message())
                .isEqualTo("expected a port, \":port\", \"host:port\" or {host, port}, got \"" + text + "\""));
    }

    @Test
    void cannotBeMadeWithAPortThatIsNone() {
        assertThatThrownBy(() -> new ListenSettings("localhost", 65_536)).hasMessageContaining("65536");
    }

    private HttpSettings read(String json) {
        return HttpSettings.read(Configs.of(new JsonObject(json)), problems);
    }
}
