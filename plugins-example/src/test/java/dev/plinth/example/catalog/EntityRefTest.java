package dev.plinth.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityRefTest {

    @ParameterizedTest
    @CsvSource({
        "site, component:shop/site",
        "other/site, component:other/site",
        "API:site, api:shop/site",
        "API:Other/Site, api:other/site",
        "other/a:b, component:other/a:b",
        "api:a:b, api:shop/a:b",
        "other/a/b, component:other/a/b",
    })
    void fillsInWhatTheReferenceLeavesOut(String text, String expected) {
        assertThat(EntityRef.parse(text, "Component", "shop")).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":site", "/site", "api:", "api:other/", "api:/site"})
    void refusesAnEmptyPart(String text) {
        assertThatThrownBy(() -> EntityRef.parse(text, "component", "default"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[kind:][namespace/]name");
    }

    @Test
    void refusesAReferenceThatIsTooLongToBeLookedUp() {
        assertThatThrownBy(() -> EntityRef.parse("x".repeat(251), "group", "default"))
                .hasMessage("a reference has at most 250 characters");
    }

    @Test
    void refusesAReferenceWithoutKindWhereThereIsNoDefault() {
        assertThatThrownBy(() -> EntityRef.parse("site", null, "default"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must name its kind");
    }
}
