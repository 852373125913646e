package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rules for CREATE TABLE and ALTER TABLE ADD COLUMN. */
final class DefinitionRules {

    private static final Set<String> TABLE_CONSTRAINTS =
            Set.of("constraint", "primary", "unique", "check", "foreign", "exclude", "like");

    private static final Set<String> COLUMN_CONSTRAINTS = Set.of(
            "constraint",
            "primary",
            "not",
            "null",
            "unique",
            "check",
            "default",
            "collate",
            "references",
            "generated",
            "as",
            "on",
            "deferrable",
            "initially");

    /** Types that PostgreSQL knows, and SQLite does not. */
    private static final Set<String> ONLY_SERVER = Set.of(
            "bit",
            "varbit",
            "box",
            "cidr",
            "circle",
            "inet",
            "line",
            "lseg",
            "macaddr",
            "money",
            "name",
            "oid",
            "path",
            "point",
            "polygon",
            "regclass",
            "timetz",
            "tsquery",
            "tsvector",
            "xml");

    private static final Map<String, String> SERIALS =
            Map.of("serial", "integer", "bigserial", "bigint", "smallserial", "smallint");

    private DefinitionRules() {}

    static List<SqlToken> apply(List<SqlToken> tokens) {
        if (isCreateTable(tokens)) {
            return createTable(tokens);
        }
        return SqlTokens.areWordsAt(tokens, 0, "alter", "table") ? alterTable(tokens) : tokens;
    }

    private static boolean isCreateTable(List<SqlToken> tokens) {
        return SqlTokens.isWordAt(tokens, 0, "create")
                && tokens.subList(1, Math.min(4, tokens.size())).stream().anyMatch(token -> token.isWord("table"));
    }

    private static List<SqlToken> createTable(List<SqlToken> tokens) {
        int open = first(tokens, "(");
        boolean asQuery = tokens.subList(0, open).stream().anyMatch(token -> token.isWord("as"));
        if (open == tokens.size() || asQuery) {
            return tokens;
        }
        int close = SqlTokens.closing(tokens, open);
        if (close == tokens.size()) {
            return tokens;
        }
        if (SqlTokens.isSymbolAt(tokens, close - 1, ",")) {
            throw SqlScanner.syntaxError(
                    "syntax error at or near \")\"", tokens.get(close).start());
        }
        List<List<SqlToken>> parts = SqlTokens.splitAtCommas(tokens.subList(open + 1, close));
        @Nullable String key = singleKey(parts);
        Set<String> keys = keys(parts);
        List<SqlToken> result = new ArrayList<>(tokens.subList(0, open + 1));
        boolean identityIsKey = false;
        List<List<SqlToken>> written = new ArrayList<>();
        CheckNames checks = new CheckNames(tableName(tokens, open), columnNames(parts));
        for (List<SqlToken> part : parts) {
            if (isColumn(part)) {
                boolean keyed = part.get(0).text().equals(key);
                identityIsKey |= keyed && isIdentity(part);
                List<SqlToken> column = column(checks.named(part), keyed);
                written.add(keys.contains(part.get(0).text()) ? notNull(column) : column);
            }
        }
        for (List<SqlToken> part : parts) {
            if (!isColumn(part) && !(identityIsKey && isSingleKey(part))) {
                written.add(checks.named(part));
            }
        }
        join(result, KeyOrder.apply(written));
        result.addAll(tokens.subList(close, tokens.size()));
        return result;
    }

    private static String tableName(List<SqlToken> tokens, int open) {
        return open > 0 ? tokens.get(open - 1).text() : "";
    }

    private static Set<String> columnNames(List<List<SqlToken>> parts) {
        return parts.stream()
                .filter(DefinitionRules::isColumn)
                .map(part -> part.get(0).text())
                .collect(Collectors.toSet());
    }

    private static void join(List<SqlToken> result, List<List<SqlToken>> parts) {
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                result.add(SqlToken.symbol(","));
            }
            result.addAll(parts.get(i));
        }
    }

    private static int first(List<SqlToken> tokens, String symbol) {
        int i = 0;
        while (i < tokens.size() && !tokens.get(i).isSymbol(symbol)) {
            i++;
        }
        return i;
    }

    static boolean isColumn(List<SqlToken> part) {
        return !part.isEmpty() && part.get(0).isName() && !part.get(0).isAnyWord(TABLE_CONSTRAINTS);
    }

    /** The column of {@code PRIMARY KEY (column)} behind the columns. */
    private static @Nullable String singleKey(List<List<SqlToken>> parts) {
        for (List<SqlToken> part : parts) {
            if (isSingleKey(part)) {
                return part.get(part.size() - 2).text();
            }
        }
        return null;
    }

    /** The columns of the primary key, as far as SQLite would let them be null. */
    private static Set<String> keys(List<List<SqlToken>> parts) {
        Set<String> keys = new HashSet<>();
        for (List<SqlToken> part : parts) {
            for (int i = 0; i < part.size(); i++) {
                if (!SqlTokens.areWordsAt(part, i, "primary", "key")) {
                    continue;
                }
                if (isColumn(part)) {
                    keys.add(part.get(0).text());
                } else {
                    part.subList(i + 2, part.size()).forEach(token -> keys.add(token.text()));
                }
            }
        }
        return keys;
    }

    private static List<SqlToken> notNull(List<SqlToken> column) {
        List<SqlToken> result = new ArrayList<>(column);
        boolean already = column.stream().anyMatch(token -> token.text().endsWith("not null"))
                || IntStream.range(0, column.size()).anyMatch(i -> SqlTokens.areWordsAt(column, i, "not", "null"));
        if (!already) {
            result.add(SqlToken.raw("not null"));
        }
        return result;
    }

    private static boolean isSingleKey(List<SqlToken> part) {
        int start = SqlTokens.isWordAt(part, 0, "constraint") ? 2 : 0;
        return part.size() == start + 5 && SqlTokens.areWordsAt(part, start, "primary", "key");
    }

    private static List<SqlToken> alterTable(List<SqlToken> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord("add") && !tokens.get(i + 1).isAnyWord(TABLE_CONSTRAINTS)) {
                int start = tokens.get(i + 1).isWord("column") ? i + 2 : i + 1;
                List<SqlToken> result = new ArrayList<>(tokens.subList(0, start));
                List<SqlToken> column = tokens.subList(start, tokens.size());
                CheckNames checks = new CheckNames(tableName(tokens, i), columnNames(List.of(column)));
                result.addAll(added(column(checks.named(column), false)));
                return result;
            }
            if (SqlTokens.areWordsAt(tokens, i, "set", "default")) {
                List<SqlToken> result = new ArrayList<>(tokens.subList(0, i + 1));
                result.addAll(constraints(tokens.subList(i + 1, tokens.size())));
                return result;
            }
        }
        return tokens;
    }

    /** SQLite does not compute a new column for the rows that are there, but when it is read. */
    private static List<SqlToken> added(List<SqlToken> column) {
        boolean stored = column.get(column.size() - 1).isWord("stored");
        return stored ? joined(column.subList(0, column.size() - 1), SqlToken.word("virtual")) : column;
    }

    private static List<SqlToken> joined(List<SqlToken> tokens, SqlToken last) {
        List<SqlToken> result = new ArrayList<>(tokens);
        result.add(last);
        return result;
    }

    private static boolean isIdentity(List<SqlToken> column) {
        boolean generated = false;
        for (int i = 0; i < column.size(); i++) {
            generated |= SqlTokens.areWordsAt(column, i, "as", "identity");
        }
        return generated
                || (column.size() > 1 && SERIALS.containsKey(column.get(1).text()));
    }

    private static List<SqlToken> column(List<SqlToken> column, boolean keyElsewhere) {
        if (column.isEmpty()) {
            return column;
        }
        List<SqlToken> type = typeOf(column);
        int end = 1 + type.size();
        refuseArrays(type);
        if (isIdentity(column)) {
            return identity(column, type, end, keyElsewhere);
        }
        List<SqlToken> result = new ArrayList<>();
        result.add(column.get(0));
        result.addAll(type(type));
        result.addAll(constraints(column.subList(end, column.size())));
        return result;
    }

    /** The tokens of a column's type. */
    static List<SqlToken> typeOf(List<SqlToken> column) {
        int end = 1;
        while (end < column.size() && !column.get(end).isAnyWord(COLUMN_CONSTRAINTS)) {
            end++;
        }
        return column.subList(1, end);
    }

    private static void refuseArrays(List<SqlToken> type) {
        if (type.stream().anyMatch(token -> token.isSymbol("[") || token.isWord("array"))) {
            throw Refusal.unsupported("SQLite has no arrays: keep them as JSON");
        }
        String text = SqlRewriter.text(type);
        if (!type.isEmpty()
                && !SERIALS.containsKey(text)
                && ColumnType.of(text).kind() == ColumnType.Kind.UNDECLARED
                && !text.equals("any")) {
            throw unknownType(text);
        }
        if (type.size() > 1 && type.get(0).isWord("time") && text.endsWith("with time zone")) {
            throw Refusal.unsupported("SQLite has no type " + text);
        }
        if (ColumnType.of(text).kind() == ColumnType.Kind.INTERVAL) {
            throw Refusal.unsupported("SQLite has no INTERVAL: keep a number of seconds");
        }
    }

    static RuntimeException unknownType(String type) {
        String name = type.replaceAll("[ (\\[].*", "");
        if (name.isEmpty() || !Character.isLetter(name.charAt(0))) {
            return Refusal.of("syntax error: a type is missing", "42601");
        }
        return ONLY_SERVER.contains(name) || type.endsWith("[]")
                ? Refusal.unsupported("SQLite has no type " + type)
                : Refusal.of(Refusal.withVariants("type \"" + type + "\" does not exist"), "42704");
    }

    private static List<SqlToken> type(List<SqlToken> type) {
        if (type.isEmpty()) {
            return type;
        }
        ColumnType declared = ColumnType.of(SqlRewriter.text(type));
        String stored = stored(declared);
        return stored.equals(declared.declaration()) ? type : List.of(SqlToken.raw(stored));
    }

    /** As SQLite is given a column's type. */
    static String stored(ColumnType type) {
        String digits = type.length() < 0 ? "" : "(" + type.length() + ")";
        return switch (type.kind()) {
            // Without TEXT in its name SQLite would make numbers of text that looks like one.
            case JSON -> "json TEXT";
            case JSONB -> "jsonb TEXT";
            case NUMERIC -> type.approximate() ? type.asStored() : decimal(type);
            case TIMESTAMPTZ -> "timestamptz" + digits;
            case TIMESTAMP -> "timestamp" + digits;
            case TIME -> "time" + digits;
            default -> type.declaration();
        };
    }

    /** As text, so that SQLite keeps every digit, with an order by value. */
    private static String decimal(ColumnType type) {
        if (type.length() > 1000 || type.length() == 0) {
            throw Refusal.of("NUMERIC precision " + type.length() + " must be between 1 and 1000", "22023");
        }
        return type.asStored() + " collate " + DecimalOrder.NAME;
    }

    /**
     * SQLite counts only in a column that is exactly INTEGER PRIMARY KEY. The comment, which SQLite keeps, tells the width that
     * was asked for.
     */
    private static List<SqlToken> identity(
            List<SqlToken> column, List<SqlToken> type, int constraints, boolean keyElsewhere) {
        boolean key = keyElsewhere;
        for (int i = constraints; i < column.size(); i++) {
            key |= SqlTokens.areWordsAt(column, i, "primary", "key");
        }
        if (!key) {
            throw Refusal.unsupported(
                    "column \"" + column.get(0).text() + "\": SQLite can only number the primary key");
        }
        if (SqlRewriter.text(column).contains("start with")) {
            throw Refusal.unsupported("column \"" + column.get(0).text() + "\": SQLite counts from 1");
        }
        String asked = SqlRewriter.text(type);
        String width = SERIALS.getOrDefault(asked, asked);
        return List.of(column.get(0), SqlToken.raw("integer /* " + width + " */ primary key autoincrement not null"));
    }

    private static List<SqlToken> constraints(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>();
        int i = 0;
        while (i < tokens.size()) {
            SqlToken token = tokens.get(i);
            result.add(token);
            i++;
            if (token.isWord("default")) {
                int end = endOfDefault(tokens, i);
                List<SqlToken> value = tokens.subList(i, end);
                boolean plain = (value.size() < 2
                                && value.stream().noneMatch(part -> part.text().contains("(")))
                        || SqlTokens.isSymbolAt(value, 0, "(");
                result.addAll(plain ? value : inParentheses(value));
                i = end;
            }
        }
        return result;
    }

    private static List<SqlToken> inParentheses(List<SqlToken> value) {
        List<SqlToken> result = new ArrayList<>();
        result.add(SqlToken.symbol("("));
        result.addAll(value);
        result.add(SqlToken.symbol(")"));
        return result;
    }

    private static int endOfDefault(List<SqlToken> tokens, int start) {
        int i = start;
        while (i < tokens.size()) {
            SqlToken token = tokens.get(i);
            if (token.isSymbol("(")) {
                i = SqlTokens.closing(tokens, i);
            } else if (i > start && token.isAnyWord(COLUMN_CONSTRAINTS)) {
                return i;
            }
            i++;
        }
        return Math.min(i, tokens.size());
    }
}
