package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text of CREATE TABLE as SQLite keeps it, and where in it a column's and a constraint's words stand. */
final class StoredTable {

    private static final Pattern PIECE = Pattern.compile(
            "'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\\[[^]]*]" + "|/\\*.*?\\*/|[\\w$\\P{ASCII}]+|\\S",
            Pattern.DOTALL);

    private static final Set<String> CONSTRAINTS = Set.of("constraint", "primary", "unique", "check", "foreign");

    private static final Set<String> OF_COLUMN = Set.of(
            "constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated");

    private final String table;
    private final String text;
    private final List<List<Piece>> parts = new ArrayList<>();

    /** A word, a name, a constant, a sign, or all that stands in parentheses. */
    private record Piece(String text, int start, int end) {

        boolean is(String word) {
            return text.equalsIgnoreCase(word);
        }

        boolean isAny(Set<String> words) {
            return words.contains(text.toLowerCase(Locale.ROOT));
        }

        String name() {
            char first = text.charAt(0);
            return "[`\"".indexOf(first) < 0
                    ? text
                    : text.substring(1, text.length() - 1).replace("" + first + first, "" + first);
        }
    }

    /** A stretch of pieces in the definition of a column or a constraint. */
    private record Range(List<Piece> part, int from, int to) {

        int start() {
            return part.get(from).start();
        }

        int end() {
            return part.get(to - 1).end();
        }
    }

    StoredTable(String table, String text) {
        this.table = table;
        this.text = text;
        split();
    }

    private void split() {
        Matcher matcher = PIECE.matcher(text);
        int depth = 0;
        int open = 0;
        List<Piece> part = new ArrayList<>();
        while (matcher.find()) {
            String piece = matcher.group();
            depth -= piece.equals(")") ? 1 : 0;
            if (depth == 1 && piece.equals(",")) {
                parts.add(part);
                part = new ArrayList<>();
            } else if (depth == 1 && piece.equals("(")) {
                open = matcher.start();
            } else if (depth == 1) {
                int start = piece.equals(")") ? open : matcher.start();
                part.add(new Piece(text.substring(start, matcher.end()), start, matcher.end()));
            }
            depth += piece.equals("(") ? 1 : 0;
            if (depth == 0 && piece.equals(")")) {
                break;
            }
        }
        parts.add(part);
    }

    private List<Piece> column(String name) {
        for (List<Piece> part : parts) {
            if (!part.get(0).isAny(CONSTRAINTS) && part.get(0).name().equals(name)) {
                return part;
            }
        }
        throw Refusal.of("column \"" + name + "\" of relation \"" + table + "\" does not exist", "42703");
    }

    private String replaced(int start, int end, String with) {
        return text.substring(0, start) + with + text.substring(end);
    }

    private String without(Range range) {
        return replaced(range.start(), range.end(), "");
    }

    private static int find(List<Piece> part, String... words) {
        for (int i = 1; i + words.length <= part.size(); i++) {
            int matching = 0;
            while (matching < words.length && part.get(i + matching).is(words[matching])) {
                matching++;
            }
            if (matching == words.length) {
                return i;
            }
        }
        return -1;
    }

    /** Where the next constraint of a column begins, behind the first piece of this one. */
    private static int endOf(List<Piece> part, int start) {
        int end = start + 1;
        while (end < part.size() && !part.get(end).isAny(OF_COLUMN)) {
            end++;
        }
        return end;
    }

    /** @param value with the word DEFAULT before it; null for none */
    String withDefault(String column, @Nullable String value) {
        List<Piece> part = column(column);
        int at = find(part, "default");
        if (at < 0) {
            return value == null ? text : behind(part, value);
        }
        Range range = new Range(part, at, endOf(part, at + 1));
        return value == null ? without(range) : replaced(range.start(), range.end(), value);
    }

    private String behind(List<Piece> part, String added) {
        int end = part.get(part.size() - 1).end();
        return replaced(end, end, " " + added);
    }

    String withNotNull(String column, boolean notNull) {
        List<Piece> part = column(column);
        int at = find(part, "not", "null");
        if (at >= 0 == notNull) {
            return text;
        }
        return notNull ? behind(part, "not null") : without(new Range(part, at, at + 2));
    }

    /** Null for the number of a row, whose type stands in a comment. */
    String withType(String column, String type) {
        List<Piece> part = column(column);
        for (Piece piece : part) {
            if (piece.text().startsWith("/*")) {
                return replaced(piece.start(), piece.end(), "/* " + type + " */");
            }
        }
        Range range = new Range(part, 1, endOf(part, 1));
        return replaced(range.start(), range.end(), type);
    }

    /** Behind the last column, as constraints of the table come behind all of them. */
    String withColumn(String definition) {
        int end = 0;
        for (List<Piece> part : parts) {
            end = part.get(0).isAny(CONSTRAINTS)
                    ? end
                    : part.get(part.size() - 1).end();
        }
        return replaced(end, end, ", " + definition);
    }

    String withConstraint(String constraint) {
        List<Piece> last = parts.get(parts.size() - 1);
        int end = last.get(last.size() - 1).end();
        return replaced(end, end, ", " + constraint);
    }

    /** Null when there is no such constraint. Fails where it comes with an index, which only the whole table could lose. */
    @Nullable
    String withoutConstraint(String name) {
        for (List<Piece> part : parts) {
            Range range = constraint(part, name);
            if (range != null && indexed(range)) {
                throw Refusal.unsupported("SQLite cannot drop a key or UNIQUE constraint that was made with its table");
            }
            if (range != null) {
                boolean whole = range.from() == 0;
                return whole ? withoutPart(part) : without(range);
            }
        }
        return null;
    }

    private String withoutPart(List<Piece> part) {
        return replaced(
                endBefore(parts.indexOf(part)), part.get(part.size() - 1).end(), "");
    }

    /** Null when there is no such constraint. */
    @Nullable
    String withConstraintRenamed(String name, String newName) {
        for (List<Piece> part : parts) {
            Range range = constraint(part, name);
            if (range != null) {
                boolean named = part.get(range.from()).is("constraint");
                int start = named ? part.get(range.from() + 1).start() : range.start();
                int end = named ? part.get(range.from() + 1).end() : range.start();
                String written = SqlRewriter.writeName(newName);
                return replaced(start, end, named ? written : "constraint " + written + " ");
            }
        }
        return null;
    }

    boolean hasConstraint(String name) {
        return parts.stream().anyMatch(part -> constraint(part, name) != null);
    }

    private static boolean indexed(Range range) {
        Piece kind =
                range.part().get(range.from() + (range.part().get(range.from()).is("constraint") ? 2 : 0));
        return kind.is("unique") || kind.is("primary");
    }

    /** The constraint of this name among the words of a column, or as a part of its own. */
    private @Nullable Range constraint(List<Piece> part, String name) {
        boolean whole = part.get(0).isAny(CONSTRAINTS);
        int i = whole ? 0 : endOf(part, 0);
        while (i < part.size()) {
            boolean named = part.get(i).is("constraint");
            int kind = named ? i + 2 : i;
            int end = whole ? part.size() : endOf(part, kind);
            while (!whole && end < part.size() && belongsToReference(part, kind, end)) {
                end = endOf(part, end);
            }
            String called = named ? part.get(i + 1).name() : nameOf(part, kind, whole);
            if (name.equals(called)) {
                return new Range(part, i, end);
            }
            i = end;
        }
        return null;
    }

    /** {@code ON DELETE SET NULL}, {@code SET DEFAULT} and {@code NOT DEFERRABLE} are no constraints of their own. */
    private static boolean belongsToReference(List<Piece> part, int kind, int at) {
        boolean action = part.get(at - 1).is("set");
        boolean deferred = part.get(at).is("not")
                && at + 1 < part.size()
                && part.get(at + 1).is("deferrable");
        return part.get(kind).is("references") && (action || deferred);
    }

    /** As PostgreSQL calls a constraint without a name. */
    private @Nullable String nameOf(List<Piece> part, int kind, boolean whole) {
        String columns = whole ? columns(part, kind) : part.get(0).name();
        return switch (part.get(kind).text().toLowerCase(Locale.ROOT)) {
            case "foreign", "references" -> table + "_" + columns + "_fkey";
            case "unique" -> table + "_" + columns + "_key";
            case "primary" -> table + "_pkey";
            default -> null;
        };
    }

    private static String columns(List<Piece> part, int kind) {
        for (Piece piece : part.subList(kind, part.size())) {
            if (piece.text().startsWith("(")) {
                return String.join("_", names(piece.text()));
            }
        }
        return "";
    }

    /** What may be names in this text. */
    static List<String> names(String expression) {
        List<String> names = new ArrayList<>();
        Matcher matcher = PIECE.matcher(expression);
        while (matcher.find()) {
            Piece piece = new Piece(matcher.group(), matcher.start(), matcher.end());
            if (piece.text().length() > 1
                    || Character.isLetterOrDigit(piece.text().charAt(0))) {
                names.add(piece.name());
            }
        }
        return names;
    }

    /** Whether a primary key or UNIQUE constraint that was made with the table has this column. */
    boolean isInKey(String column) {
        for (List<Piece> part : parts) {
            boolean whole = part.get(0).isAny(CONSTRAINTS);
            boolean concerned =
                    whole ? hasInParentheses(part, column) : part.get(0).name().equals(column);
            boolean key = whole
                    ? indexed(new Range(part, 0, part.size()))
                    : find(part, "unique") > 0 || find(part, "primary", "key") > 0;
            if (concerned && key) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasInParentheses(List<Piece> part, String column) {
        return part.stream()
                .anyMatch(piece ->
                        piece.text().startsWith("(") && names(piece.text()).contains(column));
    }

    /** Without the foreign keys and checks of the whole table that name this column; null when there is none. */
    @Nullable
    String withoutConstraintsOn(String column) {
        String rest = text;
        for (int i = parts.size() - 1; i > 0; i--) {
            List<Piece> part = parts.get(i);
            boolean concerned = part.get(0).isAny(CONSTRAINTS) && hasInParentheses(part, column);
            if (concerned && !indexed(new Range(part, 0, part.size()))) {
                rest = rest.substring(0, endBefore(i))
                        + rest.substring(part.get(part.size() - 1).end());
            }
        }
        return rest.equals(text) ? null : rest;
    }

    private int endBefore(int i) {
        List<Piece> before = parts.get(i - 1);
        return before.get(before.size() - 1).end();
    }
}
