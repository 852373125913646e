package dev.plinth.runtime.logging;

/** Keeps what a log line is about from forging lines, or giving a terminal orders. */
final class Escapes {

    private Escapes() {}

    /** The same text, with control characters, and those that end lines or turn their direction, written out. */
    static void append(StringBuilder line, String text) {
        if (isHarmless(text)) {
            line.append(text);
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isHarmless(c)) {
                line.append(c);
            } else {
                appendEscaped(line, c);
            }
        }
    }

    /** The same as a text of JSON, in quotes. */
    static void appendJson(StringBuilder line, String text) {
        line.append('"');
        if (isPlain(text)) {
            line.append(text);
        } else {
            appendEscapedJson(line, text);
        }
        line.append('"');
    }

    private static void appendEscapedJson(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (isHarmless(c) && !Character.isSurrogate(c)) {
                line.append(c);
            } else {
                appendEscaped(line, c);
            }
        }
    }

    /** As nearly all texts are. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static boolean isHarmless(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isHarmless(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHarmless(char c) {
        return (c >= ' ' && c < 0x7f) || (c > 0x9f && c < 0x2028) || (c > 0x202e && c < 0x2066) || c > 0x2069;
    }

    private static void appendEscaped(StringBuilder line, char c) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> line.append(String.format("\\u%04x", (int) c));
        }
    }
}
