package dev.plinth.runtime.config;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain values (maps, lists, text, numbers, booleans, null) as JSON. */
public final class JsonWriter {

    private static final String INDENT = "  ";

    private final StringBuilder out = new StringBuilder();
    private final boolean pretty;

    private JsonWriter(boolean pretty) {
        this.pretty = pretty;
    }

    /** Over several lines, for people and programs. */
    public static String pretty(@Nullable Object value) {
        return write(value, true);
    }

    /** On one line. */
    public static String compact(@Nullable Object value) {
        return write(value, false);
    }

    private static String write(@Nullable Object value, boolean pretty) {
        JsonWriter writer = new JsonWriter(pretty);
        writer.value(value, 0);
        return writer.out.toString();
    }

    /** A scalar without quotes; whole numbers have no fraction, however they were written. */
    static String plain(Object value) {
        if (!(value instanceof Double number)) {
            return String.valueOf(value);
        }
        if (number.isNaN() || number.isInfinite()) {
            return number.isNaN() ? ".nan" : number > 0 ? ".inf" : "-.inf";
        }
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e21;
        return whole ? new BigDecimal(number).toBigInteger().toString() : String.valueOf(number);
    }

    private void value(@Nullable Object value, int level) {
        if (value instanceof Map<?, ?> map) {
            object(map, level);
        } else if (value instanceof Collection<?> list) {
            list(list, level);
        } else if (value == null || (value instanceof Double number && (number.isNaN() || number.isInfinite()))) {
            out.append("null");
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(plain(value));
        } else {
            text(value.toString());
        }
    }

    private void object(Map<?, ?> map, int level) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<?, ?> entry = entries.next();
            newLine(level + 1);
            text(String.valueOf(entry.getKey()));
            out.append(pretty ? ": " : ":");
            value(entry.getValue(), level + 1);
            out.append(entries.hasNext() ? "," : "");
        }
        newLine(level);
        out.append('}');
    }

    private void list(Collection<?> list, int level) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (Iterator<?> items = list.iterator(); items.hasNext(); ) {
            newLine(level + 1);
            value(items.next(), level + 1);
            out.append(items.hasNext() ? "," : "");
        }
        newLine(level);
        out.append(']');
    }

    private void newLine(int level) {
        if (pretty) {
            out.append('\n').append(INDENT.repeat(level));
        }
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        out.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                // Lone surrogates cannot be written as UTF-8; control characters would reach a terminal.
                if (c < ' ' || (c >= 0x7f && c < 0xa0) || Character.isSurrogate(c)) {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
        }
    }
}
