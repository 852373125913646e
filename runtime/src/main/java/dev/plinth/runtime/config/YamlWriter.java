package dev.plinth.runtime.config;

import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes plain values as YAML that reads back the same. */
public final class YamlWriter {

    private static final String INDENT = "  ";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_/.~](?:[A-Za-z0-9_/.@%+=~,-]| (?! )|:(?! ))*");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    /** Over several lines, the last with its end. */
    public static String write(@Nullable Object value) {
        YamlWriter writer = new YamlWriter();
        if (isFlat(value)) {
            writer.scalar(value);
            writer.out.append('\n');
        } else {
            writer.block(value, 0);
        }
        return writer.out.toString();
    }

    private static boolean isFlat(@Nullable Object value) {
        return !(value instanceof Map<?, ?> map && !map.isEmpty())
                && !(value instanceof Collection<?> list && !list.isEmpty());
    }

    private void block(@Nullable Object value, int level) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, child) -> {
                out.append(INDENT.repeat(level))
                        .append(text(String.valueOf(key)))
                        .append(':');
                child(child, level + 1);
            });
        } else if (value instanceof Collection<?> list) {
            for (Object item : list) {
                out.append(INDENT.repeat(level)).append('-');
                child(item, level + 1);
            }
        }
    }

    private void child(@Nullable Object child, int level) {
        if (isFlat(child)) {
            out.append(' ');
            scalar(child);
            out.append('\n');
        } else {
            out.append('\n');
            block(child, level);
        }
    }

    private void scalar(@Nullable Object value) {
        if (value instanceof String text) {
            out.append(text(text));
        } else if (value instanceof Map || value instanceof Collection) {
            out.append(value instanceof Map ? "{}" : "[]");
        } else {
            out.append(value == null ? "null" : JsonWriter.plain(value));
        }
    }

    /** Quoted where it would otherwise be read as something else. */
    private static String text(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.endsWith(" ")
                && !text.endsWith(":")
                && !text.startsWith("---")
                && !text.startsWith("...")
                && CoreSchema.resolve(text) instanceof String;
        return plain ? text : JsonWriter.compact(text);
    }
}
