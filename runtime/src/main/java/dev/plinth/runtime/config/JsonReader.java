package dev.plinth.runtime.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads JSON strictly, as RFC 8259 has it, into nodes with their positions.
 *
 * <p>Stricter than YAML, of which it is a subset: a value such as {@code 007} or {@code yes} is no JSON, which decides
 * whether a variable's value is text. In a file a key that stands twice is refused; in the value of a variable the last one
 * counts, as in Backstage, since the whole taken as text would surprise more.
 */
final class JsonReader {

    /** What is wrong and where. */
    static final class JsonException extends Exception {
        private final String reason;
        private final transient Origin origin;

        JsonException(String reason, Origin origin) {
            super(reason, null, false, false);
            this.reason = reason;
            this.origin = origin;
        }

        String reason() {
            return reason;
        }

        Origin origin() {
            return origin;
        }
    }

    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    private static final int LONGEST_INTEGER = 40;

    private final String text;
    private final Origin fixed;
    private int position;
    private int line = 1;
    private int lineStart;
    private int counted;
    private int depth;

    /**
     * A reader of one document.
     *
     * @param fixed the origin of every value; one with line 1 is the start of a file, and positions are counted from it
     */
    private JsonReader(String text, Origin fixed) {
        this.text = text;
        this.fixed = fixed;
    }

    static ConfigNode read(String text, Origin origin) throws JsonException {
        JsonReader reader = new JsonReader(text, origin);
        ConfigNode value = reader.value(reader.next());
        reader.skipBlanks();
        if (reader.position < text.length()) {
            throw reader.failure("something stands after the end of the value");
        }
        return value;
    }

    private ConfigNode value(Origin origin) throws JsonException {
        if (position >= text.length()) {
            throw failure("the text ends where a value should start");
        }
        return switch (text.charAt(position)) {
            case '{' -> object(origin);
            case '[' -> list(origin);
            case '"' -> scalar(string(), origin);
            case 't' -> word("true", true, origin);
            case 'f' -> word("false", false, origin);
            case 'n' -> {
                word("null", "", origin);
                yield new ConfigNode.Scalar(null, origin, false);
            }
            default -> scalar(number(), origin);
        };
    }

    private ConfigNode object(Origin origin) throws JsonException {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        enter();
        next();
        while (!at('}')) {
            if (!entries.isEmpty()) {
                take(',');
            }
            Origin position = next();
            if (!at('"')) {
                throw failure("expected a key in double quotes; no comma follows the last value");
            }
            String name = string();
            next();
            take(':');
            next();
            if (entries.put(name, value(position)) != null && isFile()) {
                throw failure("the key \"" + name + "\" stands twice in the same object");
            }
            next();
        }
        leave();
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), origin);
    }

    private ConfigNode list(Origin origin) throws JsonException {
        List<ConfigNode> items = new ArrayList<>();
        enter();
        next();
        while (!at(']')) {
            if (!items.isEmpty()) {
                take(',');
            }
            items.add(value(next()));
            next();
        }
        leave();
        return new ConfigNode.Sequence(Collections.unmodifiableList(items), origin);
    }

    private void enter() throws JsonException {
        position++;
        if (++depth > Limits.DEPTH) {
            throw failure("more than " + Limits.DEPTH + " objects and lists inside each other");
        }
    }

    private void leave() {
        position++;
        depth--;
    }

    private String string() throws JsonException {
        take('"');
        StringBuilder value = new StringBuilder();
        while (!at('"')) {
            char c = text.charAt(position);
            if (c < ' ') {
                throw failure("a control character stands in a text");
            }
            position++;
            value.append(c == '\\' ? escaped() : c);
        }
        position++;
        return value.toString();
    }

    private char escaped() throws JsonException {
        char c = position < text.length() ? text.charAt(position++) : ' ';
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw failure("an escape that JSON does not know");
        };
    }

    private char unicode() throws JsonException {
        String digits = text.substring(position, Math.min(position + 4, text.length()));
        if (!digits.matches("[0-9a-fA-F]{4}")) {
            throw failure("four hexadecimal digits are expected after \\u");
        }
        position += 4;
        return (char) Integer.parseInt(digits, 16);
    }

    private Object number() throws JsonException {
        Matcher matcher = NUMBER.matcher(text).region(position, text.length());
        if (!matcher.lookingAt()) {
            throw failure("no value starts like this");
        }
        position = matcher.end();
        String digits = matcher.group();
        boolean whole = matcher.group(1) == null && matcher.group(2) == null && digits.length() <= LONGEST_INTEGER;
        return whole ? CoreSchema.narrow(new BigInteger(digits)) : Double.valueOf(digits);
    }

    private ConfigNode word(String word, Object value, Origin origin) throws JsonException {
        if (!text.startsWith(word, position)) {
            throw failure("no value starts like this");
        }
        position += word.length();
        return scalar(value, origin);
    }

    private static ConfigNode scalar(Object value, Origin origin) {
        return new ConfigNode.Scalar(value, origin, false);
    }

    private boolean at(char expected) throws JsonException {
        if (position >= text.length()) {
            throw failure("the text ends inside an object, a list or a text");
        }
        return text.charAt(position) == expected;
    }

    private void take(char expected) throws JsonException {
        if (!at(expected)) {
            throw failure("expected " + expected);
        }
        position++;
    }

    private Origin next() {
        skipBlanks();
        return here();
    }

    private void skipBlanks() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private boolean isFile() {
        return fixed.line() > 0;
    }

    private Origin here() {
        if (!isFile()) {
            return fixed;
        }
        for (; counted < Math.min(position, text.length()); counted++) {
            if (text.charAt(counted) == '\n') {
                line++;
                lineStart = counted + 1;
            }
        }
        return new Origin(fixed.source(), line, position - lineStart + 1);
    }

    private JsonException failure(String message) {
        return new JsonException(message, here());
    }
}
