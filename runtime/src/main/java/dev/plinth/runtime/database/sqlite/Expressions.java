package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DATE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTERVAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMP;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions as PostgreSQL does, tells the types of what they give, and notes what has to be written differently for
 * SQLite. What it does not know it leaves as it is, of undeclared type.
 */
final class Expressions {

    // How tightly operators bind, from PostgreSQL's manual.
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int NOT = 3;
    private static final int IS = 4;
    static final int COMPARISON = 5;
    private static final int RANGE = 6;
    static final int OTHER = 7;
    private static final int SUM = 8;
    private static final int PRODUCT = 9;
    private static final int POWER = 10;
    private static final int ZONE = 11;
    private static final int COLLATE = 12;
    private static final int SIGN = 13;

    private static final Map<String, Integer> BINARY = Map.ofEntries(
            Map.entry("=", COMPARISON),
            Map.entry("<>", COMPARISON),
            Map.entry("!=", COMPARISON),
            Map.entry("<", COMPARISON),
            Map.entry("<=", COMPARISON),
            Map.entry(">", COMPARISON),
            Map.entry(">=", COMPARISON),
            Map.entry("+", SUM),
            Map.entry("-", SUM),
            Map.entry("*", PRODUCT),
            Map.entry("/", PRODUCT),
            Map.entry("%", PRODUCT),
            Map.entry("^", POWER),
            Map.entry("||", OTHER),
            Map.entry("->", OTHER),
            Map.entry("->>", OTHER),
            Map.entry("#>", OTHER),
            Map.entry("#>>", OTHER),
            Map.entry("@>", OTHER),
            Map.entry("<@", OTHER),
            Map.entry("?", OTHER),
            Map.entry("?|", OTHER),
            Map.entry("?&", OTHER),
            Map.entry("#-", OTHER),
            Map.entry("~", OTHER),
            Map.entry("~*", OTHER),
            Map.entry("!~", OTHER),
            Map.entry("!~*", OTHER),
            Map.entry("&", OTHER),
            Map.entry("|", OTHER),
            Map.entry("#", OTHER),
            Map.entry("<<", OTHER),
            Map.entry(">>", OTHER));

    private static final Set<String> NO_NAME_OF_A_COLUMN = Set.of(
            "select",
            "from",
            "where",
            "group",
            "having",
            "order",
            "limit",
            "offset",
            "union",
            "except",
            "intersect",
            "on",
            "using",
            "when",
            "then",
            "else",
            "end",
            "as",
            "and",
            "or",
            "returning",
            "into",
            "values",
            "set",
            "default");

    private static final Set<String> TYPED_CONSTANTS = Set.of(
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "bool",
            "boolean",
            "numeric",
            "text",
            "integer",
            "int",
            "smallint",
            "bigint",
            "real",
            "bytea");

    private static final Set<String> UNITS = Set.of("year", "month", "day", "hour", "minute", "second");

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final Queries queries;
    private final Functions functions;
    final NumberTypes numbers;
    final Typing typing;
    final Casts casts;
    final Comparisons comparisons;
    private final Operators operators;
    private Scope scope = new Scope(null);
    private @Nullable Grouping grouping;

    /** The parts of rows such as {@code (a, 1)}, by where they begin. */
    private final Map<Integer, List<Operand>> rows = new HashMap<>(0);

    /** What reads the queries inside of expressions. */
    interface Queries {

        /** From the word SELECT, VALUES or WITH to the end of the query; answers its columns. */
        List<Output> query(Scope outer);
    }

    Expressions(TokenCursor cursor, TokenEdits edits, ParameterTypes parameters, Queries queries) {
        this.cursor = cursor;
        this.edits = edits;
        this.parameters = parameters;
        this.queries = outer -> {
            Grouping around = collect(null);
            List<Output> columns = queries.query(outer);
            collect(around);
            return columns;
        };
        this.numbers = new NumberTypes(cursor, edits);
        this.typing = new Typing(cursor, edits, parameters, numbers);
        this.casts = new Casts(this, cursor, edits, parameters, typing, numbers);
        this.comparisons = new Comparisons(this, cursor, edits, typing, numbers);
        this.operators = new Operators(cursor, edits, typing, casts, comparisons, numbers);
        this.functions = new Functions(this, cursor, edits);
    }

    /** Tells of the columns that are read from here on; answers what was told of them until now. */
    @Nullable
    Grouping collect(@Nullable Grouping columns) {
        Grouping before = grouping;
        grouping = columns;
        return before;
    }

    /** Reads the expression that begins here. */
    Operand parse(Scope where) {
        return parse(where, 0);
    }

    /** @param least how tightly an operator must bind to belong to it */
    Operand parse(Scope where, int least) {
        Scope before = scope;
        scope = where;
        Operand result = parse(least);
        scope = before;
        return result;
    }

    /** Reads WHERE, if it comes here. */
    void where(Scope where) {
        if (cursor.accept("where")) {
            condition(where, "WHERE");
        }
    }

    /** Reads a condition, such as that of WHERE. */
    void condition(Scope where, String place) {
        mustBeCondition(parse(where), place);
    }

    Operand parse() {
        return parse(0);
    }

    Operand parse(int least) {
        Operand left = prefix();
        Operand whole = infix(left, least);
        while (whole != null) {
            left = whole;
            whole = infix(left, least);
        }
        return left;
    }

    private Operand prefix() {
        int start = cursor.position();
        if (cursor.accept("not")) {
            mustBeCondition(parse(NOT), "NOT");
            return Operand.compound(ColumnType.of(BOOLEAN), start, cursor.position());
        }
        if (cursor.isSymbol("-") || cursor.isSymbol("+") || cursor.isSymbol("~")) {
            cursor.next();
            Operand operand = parse(SIGN);
            mustBeNumber(operand, cursor.tokens.get(start).text());
            if (cursor.tokens.get(start).isSymbol("-") && operand.type().kind() == INTERVAL) {
                edits.replace(start, "negated_interval(");
                edits.after(operand.end() - 1, ")");
            }
            return numbers.signed(start, operand);
        }
        return primary();
    }

    private static void mustBeNumber(Operand operand, String sign) {
        ColumnType type = operand.type();
        if (operand.isKnown() && type.kind() != INTERVAL && !TypeRules.isNumber(type)) {
            throw Refusal.of("operator does not exist: " + sign + " " + type.pgName(), "42883");
        }
    }

    private Operand primary() {
        SqlToken token = cursor.peek();
        int start = cursor.position();
        if (token.isSymbol("(")) {
            return parentheses();
        }
        if (token.kind() == SqlToken.Kind.WORD) {
            Operand special = word(token.text());
            if (special != null) {
                return special;
            }
        }
        if (token.isName()) {
            return column();
        }
        cursor.next();
        return switch (token.kind()) {
            case STRING -> new Operand(Form.CONSTANT, ColumnType.UNDECLARED, start, start + 1, null);
            case NUMBER -> numbers.constant(start);
            case PARAMETER -> new Operand(Form.PARAMETER, parameters.type(token), start, start + 1, null);
            default -> Operand.of(ColumnType.UNDECLARED, start, start + 1);
        };
    }

    private Operand parentheses() {
        int start = cursor.position();
        cursor.next();
        if (isQuery()) {
            List<Output> columns = queries.query(scope);
            cursor.acceptSymbol(")");
            Output first = columns.isEmpty() ? new Output(null, ColumnType.UNDECLARED) : columns.get(0);
            return Operand.of(first.type(), start, cursor.position()).named(first.name());
        }
        Operand inner = parse();
        boolean row = cursor.isSymbol(",");
        List<Operand> parts = new ArrayList<>(List.of(inner));
        while (cursor.acceptSymbol(",")) {
            parts.add(parse());
        }
        cursor.acceptSymbol(")");
        if (row) {
            rows.put(start, parts);
        }
        ColumnType type = row ? ColumnType.UNDECLARED : inner.type();
        if (inner.isUntyped() && !row) {
            return inner;
        }
        Operand whole = Operand.of(type, start, cursor.position()).named(row ? "row" : inner.name());
        return inner.is(Form.CAST) && !row ? whole.as(Form.CAST) : whole;
    }

    /** The parts of a row; none when this is no row. */
    List<Operand> row(Operand operand) {
        return rows.getOrDefault(operand.start(), List.of());
    }

    /** Reads the query that begins here, inside of an expression. */
    List<Output> query() {
        return queries.query(scope);
    }

    boolean isQuery() {
        return cursor.isAnyWord(Set.of("select", "values", "with"));
    }

    /** What begins with a word of its own; null when the word is a name. */
    private @Nullable Operand word(String word) {
        int start = cursor.position();
        SqlToken following = cursor.peek(1);
        if (TYPED_CONSTANTS.contains(word) && following.kind() == SqlToken.Kind.STRING) {
            return typedConstant();
        }
        return switch (word) {
            case "true", "false" -> {
                cursor.next();
                yield Operand.of(ColumnType.of(BOOLEAN), start, start + 1);
            }
            case "null" -> {
                cursor.next();
                yield new Operand(Form.NULL, ColumnType.UNDECLARED, start, start + 1, null);
            }
            case "case" -> caseOf();
            case "exists" -> exists();
            case "cast" -> following.isSymbol("(") ? casts.castCall() : null;
            case "current_timestamp", "localtimestamp" -> currentTime(word);
            case "current_time", "localtime", "current_user", "session_user", "current_schema", "current_catalog" -> {
                if (following.isSymbol(".")) {
                    yield null;
                }
                throw Refusal.unsupported("SQLite has no " + word.toUpperCase(Locale.ROOT));
            }
            case "current_date" -> {
                cursor.next();
                edits.replace(start, "cast_to(now(), 'date')");
                yield Operand.of(ColumnType.of(DATE), start, start + 1).named(word);
            }
            case "array" -> arrayOfValues();
            default -> {
                if (NO_NAME_OF_A_COLUMN.contains(word)) {
                    cursor.next();
                    yield Operand.of(ColumnType.UNDECLARED, start, start + 1);
                }
                yield following.isSymbol("(") ? functions.call(scope) : null;
            }
        };
    }

    private Operand currentTime(String word) {
        int start = cursor.position();
        cursor.next();
        if (cursor.isSymbol("(")) {
            cursor.skipParentheses();
            edits.remove(start + 1, cursor.position());
        }
        edits.replace(start, "now()");
        Kind kind = word.equals("current_timestamp") ? TIMESTAMPTZ : TIMESTAMP;
        return Operand.of(ColumnType.of(kind), start, cursor.position()).named(word);
    }

    private Operand typedConstant() {
        int start = cursor.position();
        ColumnType type = ColumnType.of(cursor.next().text());
        SqlToken constant = cursor.next();
        edits.remove(start, start + 1);
        SqlToken value = constant;
        if (type.kind() == INTERVAL && cursor.isAnyWord(UNITS)) {
            value = new SqlToken(
                    SqlToken.Kind.STRING,
                    constant.text() + " " + cursor.peek().text(),
                    constant.start(),
                    constant.end());
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.next();
        }
        edits.replace(start + 1, SqlCasts.constant(value, type, false));
        return new Operand(Form.CAST, type, start, cursor.position(), Casts.internalName(type));
    }

    private Operand column() {
        int start = cursor.position();
        edits.column(start);
        String name = cursor.next().text();
        String qualifier = null;
        while (cursor.isSymbol(".") && cursor.peek(1).isName()) {
            cursor.next();
            qualifier = name;
            edits.column(cursor.position());
            name = cursor.next().text();
        }
        if (qualifier == null && cursor.isSymbol("(")) {
            return Operand.of(ColumnType.UNDECLARED, start, skipCall()).named(name);
        }
        Scope.Source source = grouping == null ? null : scope.source(qualifier, name);
        if (grouping != null && source != null) {
            grouping.uses(source, name, cursor.position() - 1);
        }
        ColumnType type = scope.column(qualifier, name);
        String written = scope.written(qualifier, name);
        if (written != null) {
            edits.remove(start, cursor.position());
            edits.replace(start, written);
        }
        return new Operand(Form.COLUMN, type, start, cursor.position(), name);
    }

    private int skipCall() {
        cursor.skipParentheses();
        return cursor.position();
    }

    private Operand caseOf() {
        int start = cursor.position();
        cursor.next();
        Operand compared = cursor.isWord("when") ? null : parse();
        List<Operand> values = new ArrayList<>();
        List<Operand> results = new ArrayList<>();
        String name = "case";
        while (cursor.accept("when")) {
            Operand condition = parse();
            if (compared == null) {
                mustBeCondition(condition, "CASE/WHEN");
            } else {
                values.add(condition);
            }
            cursor.accept("then");
            results.add(parse());
        }
        if (cursor.accept("else")) {
            Operand other = parse();
            name = other.name() == null || other.is(Form.CAST) ? name : other.name();
            results.add(other);
        }
        cursor.accept("end");
        if (compared != null) {
            comparisons.compare("=", compared, values);
        }
        Operand result = Operand.of(typing.common(results), start, cursor.position());
        return name.equals("case") ? result.as(Form.CAST).named(name) : result.named(name);
    }

    private Operand exists() {
        int start = cursor.position();
        cursor.next();
        parentheses();
        return Operand.of(ColumnType.of(BOOLEAN), start, cursor.position()).named("exists");
    }

    private @Nullable Operand infix(Operand left, int least) {
        SqlToken token = cursor.peek();
        if (token.kind() == SqlToken.Kind.WORD) {
            return wordOperator(left, token.text(), least);
        }
        if (token.kind() != SqlToken.Kind.SYMBOL) {
            return null;
        }
        if (token.isSymbol("::")) {
            return casts.castOperator(left);
        }
        if (token.isSymbol("[") && left.isKnown()) {
            throw Refusal.unsupported("SQLite has no arrays: keep them as JSON");
        }
        Integer precedence = BINARY.get(token.text());
        if (precedence == null || precedence < least) {
            return null;
        }
        int operator = cursor.position();
        cursor.next();
        if (precedence == COMPARISON
                && cursor.isAnyWord(Set.of("any", "some", "all"))
                && cursor.peek(1).isSymbol("(")) {
            return comparisons.quantified(left, operator);
        }
        return operators.binary(left, operator, parse(precedence + 1));
    }

    private @Nullable Operand wordOperator(Operand left, String word, int least) {
        return switch (word) {
            case "or" -> least > OR ? null : logical(left, OR);
            case "and" -> least > AND ? null : logical(left, AND);
            case "is", "isnull", "notnull" -> least > IS ? null : comparisons.is(left);
            case "not" -> least > RANGE || !isNegatable(cursor.peek(1)) ? null : comparisons.range(left);
            case "between", "in", "like", "ilike", "similar" -> least > RANGE ? null : comparisons.range(left);
            case "at" -> least > ZONE || !cursor.areWords("at", "time", "zone") ? null : atTimeZone(left);
            case "collate" -> least > COLLATE ? null : collate(left);
            default -> null;
        };
    }

    private static boolean isNegatable(SqlToken token) {
        return token.isAnyWord(Set.of("between", "in", "like", "ilike", "similar"));
    }

    private Operand logical(Operand left, int precedence) {
        String operator = cursor.next().text();
        Operand right = parse(precedence + 1);
        mustBeCondition(left, operator);
        mustBeCondition(right, operator);
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), right.end());
    }

    private void mustBeCondition(Operand operand, String place) {
        Operand condition = typing.resolve(operand, ColumnType.of(BOOLEAN));
        if (condition.isKnown() && condition.type().kind() != BOOLEAN) {
            String shown = place.toUpperCase(Locale.ROOT);
            throw Refusal.of(
                    "argument of " + shown + " must be type boolean, not type "
                            + condition.type().pgName(),
                    "42804");
        }
    }

    private Operand atTimeZone(Operand left) {
        int operator = cursor.position();
        cursor.moveTo(operator + 3);
        Operand zone = typing.resolve(parse(ZONE + 1), ColumnType.of(TEXT));
        boolean hasZone = left.type().kind() == TIMESTAMPTZ;
        edits.before(left.start(), hasZone ? "local_time(" : "time_at_zone(");
        edits.replace(operator, ",");
        edits.remove(operator + 1, operator + 3);
        edits.after(zone.end() - 1, ")");
        return Operand.of(ColumnType.of(hasZone ? TIMESTAMP : TIMESTAMPTZ), left.start(), zone.end())
                .named("timezone");
    }

    private Operand collate(Operand left) {
        cursor.next();
        collation();
        return new Operand(Form.OTHER, left.type(), left.start(), cursor.position(), left.name());
    }

    /** The name of a collation: SQLite compares text by bytes anyway, as these of PostgreSQL do. */
    void collation() {
        int collation = cursor.position();
        String name = cursor.next().text();
        if (Set.of("C", "POSIX", "ucs_basic", "C.UTF-8", "pg_c_utf8").contains(name)) {
            edits.replace(collation, "binary");
        } else if (!Set.of("binary", "nocase", "rtrim").contains(name)) {
            throw Refusal.unsupported("SQLite has no collation \"" + name + "\"");
        }
    }

    /** {@code ARRAY[a, b]}. */
    private Operand arrayOfValues() {
        int start = cursor.position();
        cursor.next();
        if (!cursor.isSymbol("[")) {
            throw Refusal.unsupported("SQLite has no ARRAY of a query");
        }
        edits.replace(start, "json_array");
        edits.replace(cursor.position(), "(");
        cursor.next();
        List<Operand> elements = new ArrayList<>();
        while (!cursor.isSymbol("]")) {
            elements.add(parse());
            if (!cursor.acceptSymbol(",") && !cursor.isSymbol("]")) {
                throw cursor.syntaxError();
            }
        }
        edits.replace(cursor.position(), ")");
        cursor.next();
        return Operand.of(typing.common(elements).array(), start, cursor.position())
                .named("array");
    }
}
