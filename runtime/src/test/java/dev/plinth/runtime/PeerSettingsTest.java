package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerSettingsTest {

    private final Problems problems = new Problems();

    @Test
    void hasNoPeersByDefault() {
        assertThat(read("")).isEmpty();
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void takesPluginsWhateverTheirCaseAndPeersForEventsAlone() {
        assertThat(read("{'url': 'http://a:7008', 'plugins': ['Catalog']}, {'url': 'http://b:1'}"))
                .containsExactly(
                        new PeerSettings("http://a:7008", Set.of("catalog")), new PeerSettings("http://b:1", Set.of()));
        assertThat(problems.list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://a:7008", "http://a", "a:7008", "http://a:7008/admin", "http://a b:1", "http://a:1?x"})
    void refusesWhatIsNoServerForOperators(String url) {
        assertThat(read("{'url': '" + url + "'}")).isEmpty();
        assertThat(problems.list()).extracting(Problem::key).containsExactly("backend.peers[0].url");
    }

    private List<PeerSettings> read(String peers) {
        JsonObject json = new JsonObject(("{'backend': {'peers': [" + peers + "]}}").replace('\'', '"'));
        return PeerSettings.read(Configs.of(json), problems);
    }
}
