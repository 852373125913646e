package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginIdsTest {

    @ParameterizedTest
    @ValueSource(strings = {"todo", "my-plugin", "my_plugin", "MyPlugin", "a", "a1-b2_c3", "configuration"})
    void acceptsWhatIsSafeAsKeyPathAndFileName(String id) {
        assertThat(PluginIds.reasonAgainst(id)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1abc",
                "my--plugin",
                "my-_plugin",
                "-a",
                "a-",
                "a_",
                "a.b",
                "a:b",
                "../x",
                "a/b",
                "a\\b",
                "a b",
                "x?journal_mode=OFF",
                "a\0b",
                "a\n",
                "\u00e4",
                "a\"b",
                "a%2fb"
            })
    void refusesWhatCouldEscape(String id) {
        assertThat(PluginIds.reasonAgainst(id))
                .contains("a plugin id is letters and digits, a letter first, with single - or _ between");
    }

    @ParameterizedTest
    @ValueSource(strings = {"app", "backend", "config", "plinth", "Config"})
    void refusesReservedIds(String id) {
        assertThat(PluginIds.reasonAgainst(id)).contains("'" + id + "' is reserved, it cannot be a plugin id");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201})
    void limitsTheLength(int length) {
        assertThat(PluginIds.reasonAgainst("a".repeat(length)).isPresent()).isEqualTo(length > 200);
    }
}
