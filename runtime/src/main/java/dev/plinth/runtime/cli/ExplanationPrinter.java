package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Explanation;
import dev.plinth.runtime.config.JsonWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes explanations for people and for programs. */
final class ExplanationPrinter {

    private final boolean showSecrets;

    ExplanationPrinter(boolean showSecrets) {
        this.showSecrets = showSecrets;
    }

    Map<String, Object> document(List<Explanation> explanations) {
        return Map.of("keys", explanations.stream().map(this::toJson).toList());
    }

    private Map<String, @Nullable Object> toJson(Explanation explanation) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("key", explanation.key());
        json.put("value", value(explanation.node()));
        json.put("source", source(explanation.node()));
        json.put("type", explanation.type());
        json.put("default", value(explanation.defaultValue()));
        json.put("description", explanation.description());
        json.put("readBy", explanation.readBy());
        json.put("layers", explanation.layers().stream().map(this::toJson).toList());
        return json;
    }

    private Map<String, @Nullable Object> toJson(Explanation.Voice voice) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("layer", voice.layer());
        json.put("source", voice.node().origin().toString());
        json.put("value", ShownValues.of(voice.node(), showSecrets));
        json.put("wins", voice.wins());
        return json;
    }

    String text(List<Explanation> explanations) {
        StringBuilder text = new StringBuilder();
        for (Explanation explanation : explanations) {
            text.append(text.isEmpty() ? "" : "\n");
            append(text, explanation);
        }
        return text.toString();
    }

    private void append(StringBuilder text, Explanation explanation) {
        text.append(Failures.printable(explanation.key()))
                .append(explanation.node().isPresent() ? " = " + json(explanation.node()) : " is not set")
                .append('\n');
        line(text, "about", explanation.description());
        line(text, "type", explanation.type());
        explanation.defaultValue().ifPresent(node -> line(text, "default", json(Optional.of(node))));
        line(text, "read by", String.join(", ", explanation.readBy()));
        for (Explanation.Voice voice : explanation.layers()) {
            text.append(voice.wins() ? "  > " : "    ")
                    .append(Failures.printable(voice.node().origin().toString()))
                    .append("  ")
                    .append(json(Optional.of(voice.node())))
                    .append('\n');
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append("  ")
                    .append(name)
                    .append(": ")
                    .append(Failures.printable(value))
                    .append('\n');
        }
    }

    private String json(Optional<ConfigNode> node) {
        return JsonWriter.compact(value(node));
    }

    private @Nullable Object value(Optional<ConfigNode> node) {
        return node.isEmpty() ? null : ShownValues.of(node.get(), showSecrets);
    }

    private static String source(Optional<ConfigNode> node) {
        return node.map(found -> found.origin().toString()).orElse("");
    }
}
