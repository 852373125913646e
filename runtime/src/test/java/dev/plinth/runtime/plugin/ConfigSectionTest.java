package dev.plinth.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.plugin.ConfigurationException;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigSectionTest {

    private final PluginConfig config = section(
            """
            {"name": "todo", "max": "10", "big": 9000000000, "ratio": 0.5, "on": "yes", "every": "2 minutes",
             "tags": ["a", "b"], "mixed": ["a", 1], "nothing": null, "mail": {"host": "smtp", "ports": [25]},
             "locations": ["file.yaml", {"type": "url", "target": "http://x"}]}
            """);

    @Test
    void readsEachType() {
        assertThat(config.getString("name")).isEqualTo("todo");
        assertThat(config.getInt("max")).isEqualTo(10);
        assertThat(config.getLong("big")).isEqualTo(9_000_000_000L);
        assertThat(config.getDouble("ratio")).isEqualTo(0.5);
        assertThat(config.getBoolean("on")).isTrue();
        assertThat(config.getDuration("every")).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.getStrings("tags")).containsExactly("a", "b");
        assertThat(config.getString("mail.host")).isEqualTo("smtp");
        assertThat(config.getConfig("mail").getString("host")).isEqualTo("smtp");
    }

    @Test
    void fallsBackToTheDefaultWhenNothingIsThere() {
        assertThat(config.getString("absent", "x")).isEqualTo("x");
        assertThat(config.getInt("nothing", 1)).isEqualTo(1);
        assertThat(config.getLong("absent", 1L)).isEqualTo(1L);
        assertThat(config.getDouble("absent", 1.5)).isEqualTo(1.5);
        assertThat(config.getBoolean("absent", true)).isTrue();
        assertThat(config.getDuration("absent", Duration.ZERO)).isZero();
        assertThat(config.findString("absent")).isEmpty();
        assertThat(config.getStrings("absent")).isEmpty();
        assertThat(config.getConfig("absent").has("host")).isFalse();
        assertThat(config.getConfigs("absent", "target")).isEmpty();
        assertThat(config.has("nothing")).isFalse();
        assertThat(config.has("mail")).isTrue();
    }

    @Test
    void namesTheKeyThatIsMissing() {
        assertThatThrownBy(() -> config.getConfig("mail").getString("user"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("todo.mail.user: is not set");
    }

    @Test
    void namesKeyFileAndLineOfAWrongType() {
        assertThatThrownBy(() -> config.getInt("name", 1))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("test.yaml:1:1 todo.name: expected a whole number, got \"todo\"");
        assertThatThrownBy(() -> config.getInt("big")).isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> config.getStrings("mixed"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("todo.mixed[1]");
        assertThatThrownBy(() -> config.getConfig("name")).isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> config.getConfigs("mixed", "target")).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void readsPlainTextInAListAsAShortSection() {
        List<PluginConfig> locations = config.getConfigs("locations", "target");

        assertThat(locations.get(0).getString("target")).isEqualTo("file.yaml");
        assertThat(locations.get(0).has("type")).isFalse();
        assertThat(locations.get(0).toJson()).isEqualTo(new JsonObject().put("target", "file.yaml"));
        assertThat(locations.get(1).getString("type")).isEqualTo("url");
    }

    @Test
    void copiesTheSectionAsJson() {
        assertThat(config.getConfig("mail").toJson())
                .isEqualTo(new JsonObject("{\"host\": \"smtp\", \"ports\": [25]}"));
        assertThat(config.getConfig("absent").toJson()).isEqualTo(new JsonObject());
    }

    private static PluginConfig section(String json) {
        return new ConfigSection(
                Configs.of(new JsonObject("{\"todo\": " + json + "}")).child("todo"));
    }
}
