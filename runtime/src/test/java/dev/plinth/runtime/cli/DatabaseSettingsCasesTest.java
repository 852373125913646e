package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.PlanJson;
import dev.plinth.runtime.database.settings.DatabaseSettingsResolver;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a Backstage section means, case by case, as {@code db plan} shows it. */
class DatabaseSettingsCasesTest {

    @TestFactory
    Stream<DynamicTest> resolvesAsTheCaseSays() throws Exception {
        return Stream.concat(cases("settings-cases.json"), cases("more-settings-cases.json"))
                .map(one -> DynamicTest.dynamicTest(one.getString("name"), () -> check(one)));
    }

    private Stream<JsonObject> cases(String file) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/database/" + file)) {
            return new JsonArray(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .stream().map(JsonObject.class::cast);
        }
    }

    private static void check(JsonObject one) {
        DatabaseSettingsResolver resolver = new DatabaseSettingsResolver(
                Configs.of(new JsonObject().put("backend", one.getJsonObject("config"))),
                Map.of(),
                Path.of("/srv/plinth"));
        List<String> ids =
                one.getJsonArray("plugins").stream().map(String.class::cast).toList();
        DatabasePlan plan = resolver.resolve(ids);
        JsonObject plugins = new PlanJson(true, false).of(plan).getJsonObject("plugins");
        String error = one.getString("expectError");
        if (error != null) {
            ids.forEach(id -> assertThat(
                            plugins.getJsonObject(id).getJsonObject("error").getString("code"))
                    .isEqualTo(error));
            return;
        }
        JsonObject expected = one.getJsonObject("expect");
        for (String id : expected.fieldNames()) {
            JsonObject actual = plugins.getJsonObject(id);
            assertThat(actual.getJsonObject("error")).isNull();
            expected.getJsonObject(id).forEach(value -> assertThat(actual.getValue(value.getKey()))
                    .as(value.getKey())
                    .isEqualTo(value.getValue()));
        }
    }
}
