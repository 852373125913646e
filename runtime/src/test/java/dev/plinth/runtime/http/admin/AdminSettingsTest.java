package dev.plinth.runtime.http.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminSettingsTest {

    private final Problems problems = new Problems();

    @Test
    void listensToThisMachineAloneByDefault() {
        AdminSettings settings = read(new JsonObject());

        assertThat(settings.listen()).isEqualTo(new ListenSettings("127.0.0.1", 7008));
        assertThat(settings.chosen()).isFalse();
        assertThat(settings.token()).isEmpty();
        assertThat(problems.list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"7100", "127.0.0.2:7100", "localhost:7100", "[::1]:7100", "LOCALHOST:7100"})
    void needsNoTokenForThisMachine(String listen) {
        AdminSettings settings = read(new JsonObject().put("listen", listen));

        assertThat(settings.listen().port()).isEqualTo(7100);
        assertThat(settings.chosen()).isTrue();
        assertThat(problems.list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {":7008", "0.0.0.0:7008", "[::]:7008", "10.0.0.1:7008", "127.example.com:7008", "admin:7008"})
    void refusesOtherMachinesWithoutAToken(String listen) {
        read(new JsonObject().put("listen", listen));

        Problem problem = problems.list().get(0);
        assertThat(problem.code()).isEqualTo("missing-key");
        assertThat(problem.key()).isEqualTo("backend.admin.token");
        assertThat(problem.toString())
                .contains("test.yaml:1:1")
                .contains("backend.admin.listen")
                .contains("7008");
    }

    @Test
    void takesOtherMachinesWithAToken() {
        AdminSettings settings = read(new JsonObject().put("listen", ":7008").put("token", "open sesame"));

        assertThat(settings.listen().host()).isEqualTo("0.0.0.0");
        assertThat(settings.token().orElseThrow().reveal()).isEqualTo("open sesame");
        assertThat(problems.list()).isEmpty();
        assertThat(settings.toString()).doesNotContain("sesame");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "first\nsecond", "sésame", "open sesame\n"})
    void refusesATokenThatEverybodyKnowsOrNobodyCanShow(String token) {
        read(new JsonObject().put("token", token));

        assertThat(problems.list().get(0).key()).isEqualTo("backend.admin.token");
        assertThat(problems.list().toString()).doesNotContain("first").doesNotContain("same");
    }

    @Test
    void refusesATokenThatIsNoText() {
        read(new JsonObject().put("listen", ":7008").put("token", 12));

        assertThat(problems.list().get(0).key()).isEqualTo("backend.admin.token");
        assertThat(problems.list().toString()).doesNotContain("12,");
    }

    private AdminSettings read(JsonObject admin) {
        return AdminSettings.read(
                Configs.of(new JsonObject().put("backend", new JsonObject().put("admin", admin))), problems);
    }
}
