package dev.plinth.runtime.database.sqlite;

import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for what PostgreSQL and SQLite write differently in queries and expressions. */
final class ExpressionRules {

    /** The time now, in the form in which {@link Texts} keeps times. */
    private static final String NOW = "rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', 'now'), '0'), '.')";

    private static final String RANDOM_UUID = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4'"
            + " || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (abs(random()) % 4), 1)"
            + " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

    private static final Map<String, String> CALLS = Map.of("now", NOW, "gen_random_uuid", RANDOM_UUID);

    private static final Map<String, String> FUNCTION_NAMES = Map.of(
            "jsonb_build_object", "json_object",
            "json_build_object", "json_object",
            "jsonb_build_array", "json_array",
            "json_build_array", "json_array",
            "jsonb_agg", "json_group_array",
            "json_agg", "json_group_array",
            "jsonb_array_length", "json_array_length",
            "char_length", "length",
            "strpos", "instr");

    private static final Set<String> TIME_CONSTANTS = Set.of("date", "time", "timestamp", "timestamptz");

    /** Collations of PostgreSQL that compare text by bytes, as SQLite does anyway. */
    private static final Set<String> BYTE_ORDERS = Set.of("C", "POSIX", "ucs_basic", "C.UTF-8", "pg_c_utf8");

    /** Where an operand of LIKE ends, outside parentheses. */
    private static final Set<String> ENDS_PATTERN = Set.of(
            "and",
            "or",
            "order",
            "group",
            "having",
            "limit",
            "offset",
            "then",
            "when",
            "else",
            "end",
            "union",
            "except",
            "intersect",
            "escape",
            "returning",
            "is",
            "on",
            "as",
            "asc",
            "desc",
            "window",
            "fetch");

    private static final Set<String> ENDS_ORDER = Set.of(
            "limit", "offset", "fetch", "for", "union", "except", "intersect", "returning", "rows", "range", "groups");

    private static final Set<String> BEFORE_A_VALUE = Set.of(
            "select",
            "where",
            "and",
            "or",
            "not",
            "in",
            "values",
            "set",
            "on",
            "when",
            "then",
            "else",
            "case",
            "by",
            "having",
            "returning",
            "distinct",
            "like",
            "ilike",
            "between",
            "limit",
            "offset",
            "any",
            "all",
            "exists",
            "from",
            "using",
            "as",
            "is",
            "default");

    private ExpressionRules() {}

    static List<SqlToken> apply(List<SqlToken> tokens) {
        return withNullsInOrder(withEscapes(withoutRowLocks(withCasts(withFunctions(tokens)))));
    }

    private static List<SqlToken> withFunctions(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            boolean call = SqlTokens.isSymbolAt(tokens, i + 1, "(") && !SqlTokens.isSymbolAt(tokens, i - 1, ".");
            boolean constant = i + 1 < tokens.size() && tokens.get(i + 1).kind() == SqlToken.Kind.STRING;
            if (token.kind() != SqlToken.Kind.WORD) {
                result.add(token);
            } else if (call && CALLS.containsKey(token.text()) && SqlTokens.isSymbolAt(tokens, i + 2, ")")) {
                result.add(SqlToken.raw("(" + CALLS.get(token.text()) + ")"));
                i += 2;
            } else if (token.text().equals("current_timestamp")) {
                result.add(SqlToken.raw("(" + NOW + ")"));
            } else if (token.text().equals("collate") && isByteOrder(tokens, i + 1)) {
                result.add(SqlToken.raw("collate binary"));
                i++;
            } else if (call && FUNCTION_NAMES.containsKey(token.text())) {
                result.add(new SqlToken(
                        SqlToken.Kind.WORD, FUNCTION_NAMES.getOrDefault(token.text(), ""), token.start(), token.end()));
            } else if (constant && TIME_CONSTANTS.contains(token.text())) {
                result.add(timeConstant(token.text(), tokens.get(i + 1)));
                i++;
            } else {
                result.add(token);
            }
        }
        return result;
    }

    private static boolean isByteOrder(List<SqlToken> tokens, int i) {
        return i < tokens.size()
                && tokens.get(i).isName()
                && BYTE_ORDERS.contains(tokens.get(i).text());
    }

    private static SqlToken timeConstant(String type, SqlToken constant) {
        return new SqlToken(SqlToken.Kind.STRING, canonical(type, constant.text()), constant.start(), constant.end());
    }

    private static String canonical(String type, String text) {
        try {
            return switch (type) {
                case "timestamptz" -> Texts.of(Texts.toOffsetDateTime(text));
                case "timestamp" -> Texts.of(Texts.toLocalDateTime(text));
                default -> text;
            };
        } catch (DateTimeException e) {
            return text;
        }
    }

    /** {@code value::type} becomes CAST, and a cast's type the one of SQLite's that keeps such values. */
    private static List<SqlToken> withCasts(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>(tokens.size());
        int i = 0;
        while (i < tokens.size()) {
            SqlToken token = tokens.get(i);
            if (token.isSymbol("::")) {
                int end = endOfType(tokens, i + 1);
                int start = startOfOperand(result);
                result.add(start, SqlToken.raw("CAST("));
                result.add(SqlToken.raw("AS " + storage(tokens.subList(i + 1, end)) + ")"));
                i = end;
            } else if (token.isWord("as") && isInCast(tokens, i)) {
                int end = endOfType(tokens, i + 1);
                result.add(SqlToken.raw("AS " + storage(tokens.subList(i + 1, end))));
                i = end;
            } else {
                result.add(token);
                i++;
            }
        }
        return result;
    }

    /** Whether this AS is that of {@code CAST(... AS type)}. */
    private static boolean isInCast(List<SqlToken> tokens, int as) {
        int depth = 0;
        for (int i = as - 1; i >= 0; i--) {
            if (tokens.get(i).isSymbol(")")) {
                depth++;
            } else if (tokens.get(i).isSymbol("(") && --depth < 0) {
                return SqlTokens.isWordAt(tokens, i - 1, "cast");
            }
        }
        return false;
    }

    /** Behind the type name that begins here: words, and a length in parentheses. */
    static int endOfType(List<SqlToken> tokens, int start) {
        int end = Math.min(start + 1, tokens.size());
        while (end < tokens.size() && tokens.get(end).isAnyWord(Set.of("precision", "varying", "with", "without"))) {
            end += tokens.get(end).isAnyWord(Set.of("with", "without")) ? 3 : 1;
        }
        if (SqlTokens.isSymbolAt(tokens, end, "(")) {
            end = SqlTokens.closing(tokens, end) + 1;
            if (SqlTokens.areWordsAt(tokens, end, "with", "time", "zone")
                    || SqlTokens.areWordsAt(tokens, end, "without", "time", "zone")) {
                end += 3;
            }
        }
        return Math.min(end, tokens.size());
    }

    private static int startOfOperand(List<SqlToken> tokens) {
        int start = tokens.size() - 1;
        if (SqlTokens.isSymbolAt(tokens, start, ")")) {
            start = Math.max(0, SqlTokens.opening(tokens, start));
            if (start > 0
                    && tokens.get(start - 1).isName()
                    && !tokens.get(start - 1).isAnyWord(BEFORE_A_VALUE)) {
                start--;
            }
        } else if (start >= 0 && tokens.get(start).kind() == SqlToken.Kind.RAW) {
            start = startOfRaw(tokens, start);
        }
        while (SqlTokens.isSymbolAt(tokens, start - 1, ".")) {
            start -= 2;
        }
        return Math.max(0, start);
    }

    /** A cast's end stands with its beginning: {@code a::text::json}. */
    private static int startOfRaw(List<SqlToken> tokens, int end) {
        int depth = 0;
        for (int i = end; i >= 0; i--) {
            String text =
                    tokens.get(i).kind() == SqlToken.Kind.RAW ? tokens.get(i).text() : "";
            depth += text.startsWith("AS ") && text.endsWith(")") ? 1 : 0;
            depth -= text.equals("CAST(") ? 1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return end;
    }

    private static String storage(List<SqlToken> type) {
        String declaration = SqlRewriter.text(type);
        if (type.isEmpty()) {
            throw SqlScanner.syntaxError("syntax error at end of input: a type is missing", 0);
        }
        return switch (ColumnType.of(declaration).kind()) {
            case BOOLEAN, SMALLINT, INTEGER, BIGINT -> "INTEGER";
            case REAL, DOUBLE -> "REAL";
            case NUMERIC -> "NUMERIC";
            case BYTES -> "BLOB";
            case TEXT, UUID, JSON, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> "TEXT";
            case UNDECLARED -> declaration;
        };
    }

    /** A transaction that writes has SQLite's database for itself: there are no rows to lock. */
    private static List<SqlToken> withoutRowLocks(List<SqlToken> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            boolean locks = tokens.get(i).isWord("for")
                    && i + 1 < tokens.size()
                    && tokens.get(i + 1).isAnyWord(Set.of("update", "share", "no", "key"));
            if (locks && tokens.get(0).isAnyWord(Set.of("select", "with"))) {
                return tokens.subList(0, i);
            }
        }
        return tokens;
    }

    /** A backslash escapes in PostgreSQL's patterns unless the statement says otherwise; ILIKE is SQLite's REGEXP here. */
    private static List<SqlToken> withEscapes(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>(tokens.size());
        List<Integer> insertions = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            boolean pattern = token.isWord("like") || token.isWord("ilike");
            if (pattern && !SqlTokens.isSymbolAt(tokens, i + 1, ".")) {
                int end = endOfPattern(tokens, i + 1);
                if (!SqlTokens.isWordAt(tokens, end, "escape")) {
                    insertions.add(end);
                }
            }
        }
        for (int i = 0; i <= tokens.size(); i++) {
            if (insertions.contains(i)) {
                result.add(SqlToken.raw("ESCAPE '\\'"));
            }
            if (i < tokens.size()) {
                result.add(tokens.get(i).isWord("ilike") ? SqlToken.raw("REGEXP") : tokens.get(i));
            }
        }
        return result;
    }

    private static int endOfPattern(List<SqlToken> tokens, int start) {
        int i = start;
        while (i < tokens.size()) {
            SqlToken token = tokens.get(i);
            if (token.isSymbol("(")) {
                i = SqlTokens.closing(tokens, i);
            } else if (token.isAnyWord(ENDS_PATTERN) || token.isSymbol(")") || token.isSymbol(",")) {
                return i;
            }
            i++;
        }
        return Math.min(i, tokens.size());
    }

    /** Null comes last in PostgreSQL, and first when the order is descending. */
    private static List<SqlToken> withNullsInOrder(List<SqlToken> tokens) {
        List<SqlToken> result = new ArrayList<>(tokens.size());
        int i = 0;
        while (i < tokens.size()) {
            result.add(tokens.get(i));
            i++;
            if (SqlTokens.areWordsAt(tokens, i - 1, "order", "by")) {
                result.add(tokens.get(i));
                int end = endOfOrder(tokens, i + 1);
                addOrder(result, tokens.subList(i + 1, end));
                i = end;
            }
        }
        return result;
    }

    private static int endOfOrder(List<SqlToken> tokens, int start) {
        int i = start;
        while (i < tokens.size()) {
            SqlToken token = tokens.get(i);
            if (token.isSymbol("(")) {
                i = SqlTokens.closing(tokens, i);
            } else if (token.isSymbol(")") || token.isAnyWord(ENDS_ORDER)) {
                return i;
            }
            i++;
        }
        return Math.min(i, tokens.size());
    }

    private static void addOrder(List<SqlToken> result, List<SqlToken> order) {
        List<List<SqlToken>> terms = SqlTokens.splitAtCommas(order);
        for (int i = 0; i < terms.size(); i++) {
            if (i > 0) {
                result.add(SqlToken.symbol(","));
            }
            List<SqlToken> term = terms.get(i);
            result.addAll(withNullsInOrder(term));
            if (!term.isEmpty() && term.stream().noneMatch(token -> token.isWord("nulls"))) {
                boolean descending = term.get(term.size() - 1).isWord("desc");
                result.add(SqlToken.raw(descending ? "NULLS FIRST" : "NULLS LAST"));
            }
        }
    }
}
