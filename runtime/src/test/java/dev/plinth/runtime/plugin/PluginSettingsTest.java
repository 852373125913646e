package dev.plinth.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PluginSettingsTest {

    private final Problems problems = new Problems();

    @Test
    void hasDefaults() {
        assertThat(read("{}"))
                .isEqualTo(new PluginSettings(
                        true, 1, Threading.EVENT_LOOP, Duration.ofSeconds(60), Duration.ofSeconds(30), false));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void readsEachSetting() {
        PluginSettings settings = read(
                """
                {"backend": {"plugins": {"todo": {"enabled": false, "instances": 4, "threading": "worker",
                    "startTimeout": "5s", "stopTimeout": {"seconds": 2}}}}}
                """);

        assertThat(settings)
                .isEqualTo(new PluginSettings(
                        false, 4, Threading.WORKER, Duration.ofSeconds(5), Duration.ofSeconds(2), false));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void reportsEachBadValueAtOnce() {
        read(
                """
                {"backend": {"plugins": {"todo": {"enabled": "perhaps", "instances": 0, "threading": "fibre",
                    "startTimeout": "soon", "stopTimeout": "0s"}}}}
                """);

        assertThat(problems.list())
                .extracting(Problem::key)
                .containsExactly(
                        "backend.plugins.todo.enabled",
                        "backend.plugins.todo.instances",
                        "backend.plugins.todo.threading",
                        "backend.plugins.todo.startTimeout",
                        "backend.plugins.todo.stopTimeout");
        assertThat(problems.list().get(2).message())
                .isEqualTo("expected \"event-loop\", \"worker\" or \"virtual-thread\", got \"fibre\"");
    }

    @Test
    void abortsWhenThePluginsOwnWordOrElseTheGeneralOneSaysSo() {
        assertThat(read("{\"backend\": {\"startup\": {\"default\": {\"onPluginBootFailure\": \"abort\"}}}}")
                        .abortOnFailure())
                .isTrue();
        assertThat(
                        read("""
                        {"backend": {"startup": {"default": {"onPluginBootFailure": "abort"},
                            "plugins": {"todo": {"onPluginBootFailure": "continue"}}}}}
                        """)
                                .abortOnFailure())
                .isFalse();
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void reportsAPolicyThatIsNone() {
        read("{\"backend\": {\"startup\": {\"default\": {\"onPluginBootFailure\": \"explode\"}}}}");

        assertThat(problems.list())
                .extracting(Problem::key)
                .containsExactly("backend.startup.default.onPluginBootFailure");
    }

    @Test
    void cannotBeMadeWithoutInstances() {
        assertThatThrownBy(() -> new PluginSettings(
                        true, 0, Threading.WORKER, Duration.ofSeconds(1), Duration.ofSeconds(1), false))
                .hasMessage("instances must be from 1 to 1000, was 0");
    }

    private PluginSettings read(String json) {
        return PluginSettings.read(Configs.of(new JsonObject(json)), "todo", problems);
    }
}
