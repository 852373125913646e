package dev.plinth.example.catalog;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of an entity in which {@code q} searches: its name, title, description, tags and display name, folded. */
final class SearchText {

    private SearchText() {}

    static String of(JsonObject entity) {
        JsonObject metadata = entity.getJsonObject("metadata");
        List<String> texts = new ArrayList<>();
        add(texts, metadata.getValue("name"));
        add(texts, metadata.getValue("title"));
        add(texts, metadata.getValue("description"));
        add(texts, metadata.getValue("tags"));
        if (entity.getValue("spec") instanceof JsonObject spec
                && spec.getValue("profile") instanceof JsonObject profile) {
            add(texts, profile.getValue("displayName"));
        }
        return Texts.fold(String.join("\n", texts));
    }

    private static void add(List<String> texts, @Nullable Object value) {
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof JsonArray list) {
            list.forEach(element -> add(texts, element));
        }
    }
}
