package dev.plinth.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertyTest {

    @Test
    void namesEachValueByItsPathAndFoldsBoth() {
        assertThat(properties("{'spec': {'Type': 'Service', 'n': 1.0, 'x': null, 'ok': true}}"))
                .containsExactly("spec.type=Service|service", "spec.n=1|1", "spec.x=null|null", "spec.ok=true|true");
    }

    @Test
    void namesEachTextOfAList() {
        assertThat(properties("{'tags': ['Java', 'Java', 'c++']}"))
                .containsExactly("tags=Java|java", "tags.java=true|true", "tags=c++|c++", "tags.c++=true|true");
    }

    @Test
    void looksIntoTheObjectsOfAList() {
        assertThat(properties("{'links': [{'url': 'a'}, {'url': 'b'}]}"))
                .containsExactly("links.url=a|a", "links.url=b|b");
    }

    @Test
    void keepsOnlyTheNameOfALongText() {
        assertThat(properties("{'definition': '" + "x".repeat(201) + "'}")).containsExactly("definition=null|null");
    }

    @Test
    void spellsStandardKindsInOneWay() {
        assertThat(properties("{'kind': 'api'}")).containsExactly("kind=API|api");
        assertThat(properties("{'kind': 'machine'}")).containsExactly("kind=machine|machine");
    }

    @Test
    void foldsBeyondAscii() {
        assertThat(Texts.fold("ÅNGSTRÖM")).isEqualTo("ångström").isEqualTo(Texts.fold("A\u030Angstro\u0308m"));
        assertThat(Texts.fold("Straße")).isEqualTo(Texts.fold("STRASSE"));
    }

    private static List<String> properties(String json) {
        return Property.of(new JsonObject(json.replace('\'', '"'))).stream()
                .map(property -> property.name() + "=" + property.value() + "|" + property.folded())
                .toList();
    }
}
