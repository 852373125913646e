package dev.plinth.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityQueryTest {

    @Test
    void readsAFilter() {
        assertThat(Filter.parse(" Kind = Component , kind=API, metadata.tags.java,spec.note= ,")
                        .properties())
                .isEqualTo(Map.of(
                        "kind", List.of("component", "api"),
                        "metadata.tags.java", List.of(),
                        "spec.note", List.of("")));
    }

    @Test
    void refusesAConditionWithoutProperty() {
        assertThatThrownBy(() -> Filter.parse("=component")).isInstanceOfSatisfying(HttpException.class, refused -> {
            assertThat(refused.getStatusCode()).isEqualTo(400);
            assertThat(refused.getPayload()).contains("filter").contains("=component");
        });
    }

    @Test
    void returnsToThePlaceThatACursorNames() {
        Cursor cursor = new Cursor("component:default/site");

        assertThat(Cursor.decode(cursor.encode())).isEqualTo(cursor);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "%%%", "Y29tcG9uZW50", "äöü"})
    void refusesACursorThatItDidNotMake(String text) {
        assertThatThrownBy(() -> Cursor.decode(text)).isInstanceOf(HttpException.class);
    }

    @Test
    void asksForAHundredEntitiesUnlessToldOtherwise() {
        assertThat(query().limit()).isEqualTo(100);
        assertThat(query("limit", "1000").limit()).isEqualTo(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "ten", "", "1.5", "99999999999"})
    void refusesALimit(String limit) {
        assertThatThrownBy(() -> query("limit", limit))
                .isInstanceOfSatisfying(HttpException.class, refused -> assertThat(refused.getPayload())
                        .isEqualTo("limit: expected a whole number from 1 to 1000, got \"" + limit + "\""));
    }

    @Test
    void looksForEachWord() {
        assertThat(query("q", "  Zwei  Wörter ").words()).containsExactly("zwei", "wörter");
    }

    @Test
    void takesNoCharacterOfAWordForAPattern() {
        assertThat(query("q", "100%_!").page().parameters().getString(0)).isEqualTo("%100!%!_!!%");
    }

    @Test
    void refusesParametersWithoutBounds() {
        assertThatThrownBy(() -> query("filter", "a,".repeat(2000))).isInstanceOf(HttpException.class);
        assertThatThrownBy(() -> query("q", "a\0b")).isInstanceOf(HttpException.class);
    }

    private static EntityQuery query(String... parameters) {
        MultiMap map = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < parameters.length; i += 2) {
            map.add(parameters[i], parameters[i + 1]);
        }
        return EntityQuery.of(map);
    }
}
