package dev.plinth.runtime.config;

import dev.plinth.runtime.config.Explanation.Voice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Explanations for programs. */
public final class ExplanationJson {

    private final Function<ConfigNode, @Nullable Object> shown;

    /**
     * For readers who may see certain values.
     *
     * @param shown a value as it may be shown, such as {@link Masking#plain}
     */
    public ExplanationJson(Function<ConfigNode, @Nullable Object> shown) {
        this.shown = shown;
    }

    /** {@code {"keys": [...]}}. */
    public Map<String, Object> document(List<Explanation> explanations) {
        return Map.of("keys", explanations.stream().map(this::of).toList());
    }

    private Map<String, @Nullable Object> of(Explanation explanation) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("key", explanation.key());
        json.put("value", value(explanation.node()));
        json.put("source", source(explanation.node()));
        json.put("type", explanation.type());
        json.put("default", value(explanation.defaultValue()));
        json.put("description", explanation.description());
        json.put("readBy", explanation.readBy());
        json.put("layers", explanation.layers().stream().map(this::of).toList());
        return json;
    }

    private Map<String, @Nullable Object> of(Voice voice) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("layer", voice.layer());
        json.put("source", voice.node().origin().toString());
        json.put("value", shown.apply(voice.node()));
        json.put("wins", voice.wins());
        return json;
    }

    private @Nullable Object value(Optional<ConfigNode> node) {
        return node.isEmpty() ? null : shown.apply(node.get());
    }

    private static String source(Optional<ConfigNode> node) {
        return node.map(found -> found.origin().toString()).orElse("");
    }
}
