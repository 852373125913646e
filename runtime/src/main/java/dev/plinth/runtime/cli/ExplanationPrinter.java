package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Explanation;
import dev.plinth.runtime.config.ExplanationJson;
import dev.plinth.runtime.config.JsonWriter;
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
        return new ExplanationJson(node -> ShownValues.of(node, showSecrets)).document(explanations);
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
}
