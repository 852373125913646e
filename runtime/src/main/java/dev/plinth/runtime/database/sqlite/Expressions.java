package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BIGINT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BYTES;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DATE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTERVAL;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSON;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSONB;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMP;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
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
    private static final int COMPARISON = 5;
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

    /** Operators that SQLite knows as functions which the runtime adds. */
    private static final Map<String, String> FUNCTIONS = Map.ofEntries(
            Map.entry("#>", "jsonb_at"),
            Map.entry("#>>", "jsonb_text_at"),
            Map.entry("#-", "jsonb_without_path"),
            Map.entry("@>", "jsonb_contains"),
            Map.entry("<@", "jsonb_contained"),
            Map.entry("?", "jsonb_exists"),
            Map.entry("?|", "jsonb_exists_any"),
            Map.entry("?&", "jsonb_exists_all"),
            Map.entry("~", "matches"),
            Map.entry("~*", "matches_ignoring_case"),
            Map.entry("!~", "not matches"),
            Map.entry("!~*", "not matches_ignoring_case"));

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
            "text");

    private static final Set<String> UNITS = Set.of("year", "month", "day", "hour", "minute", "second");

    private static final Map<Kind, String> INTERNAL_NAMES = Map.of(
            BOOLEAN,
            "bool",
            Kind.SMALLINT,
            "int2",
            INTEGER,
            "int4",
            BIGINT,
            "int8",
            Kind.REAL,
            "float4",
            Kind.DOUBLE,
            "float8",
            BYTES,
            "bytea");

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final Queries queries;
    private final Functions functions;
    private Scope scope = new Scope(null);
    private @Nullable Grouping grouping;

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
            boolean minus = cursor.peek(-1).isSymbol("-");
            Operand operand = parse(SIGN);
            mustBeNumber(operand, cursor.tokens.get(start).text());
            if (minus && operand.type().kind() == INTERVAL) {
                edits.replace(start, "negated_interval(");
                edits.after(operand.end() - 1, ")");
            }
            Form form = operand.is(Form.NUMBER) ? Form.NUMBER : Form.OTHER;
            return new Operand(form, operand.type(), start, operand.end(), null);
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
            case NUMBER -> number(token, start);
            case PARAMETER -> new Operand(Form.PARAMETER, parameters.type(token), start, start + 1, null);
            default -> Operand.of(ColumnType.UNDECLARED, start, start + 1);
        };
    }

    private Operand number(SqlToken token, int start) {
        String digits = token.text().replace("_", "");
        String text = digits.matches("0[xX]\\p{XDigit}+") ? new BigInteger(digits.substring(2), 16).toString() : digits;
        if (!text.equals(token.text())) {
            edits.replace(start, text);
        }
        return new Operand(Form.NUMBER, numberType(text), start, start + 1, null);
    }

    private static ColumnType numberType(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            boolean whole = text.chars().allMatch(Character::isDigit);
            if (!whole || number.precision() > 19 || number.toBigInteger().bitLength() > 63) {
                mustBeKept(number);
                return ColumnType.decimal(Math.max(0, number.scale()));
            }
            return ColumnType.of(number.toBigInteger().bitLength() > 31 ? BIGINT : INTEGER);
        } catch (NumberFormatException e) {
            return ColumnType.UNDECLARED;
        }
    }

    /** A decimal number is a double in SQLite. */
    private static void mustBeKept(BigDecimal number) {
        if (number.stripTrailingZeros().precision() > 15
                && BigDecimal.valueOf(number.doubleValue()).compareTo(number) != 0) {
            throw Refusal.of(
                    "the number " + number.toPlainString() + " has more digits than SQLite keeps: keep it as text",
                    "22003");
        }
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
        while (cursor.acceptSymbol(",")) {
            parse();
        }
        cursor.acceptSymbol(")");
        ColumnType type = row ? ColumnType.UNDECLARED : inner.type();
        if (inner.isUntyped() && !row) {
            return inner;
        }
        Operand whole = Operand.of(type, start, cursor.position()).named(row ? "row" : inner.name());
        return inner.is(Form.CAST) && !row ? whole.as(Form.CAST) : whole;
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
            case "cast" -> following.isSymbol("(") ? castCall() : null;
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
        return new Operand(Form.CAST, type, start, cursor.position(), internalName(type));
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
        return Operand.of(scope.column(qualifier, name), start, cursor.position())
                .named(name);
    }

    private int skipCall() {
        cursor.skipParentheses();
        return cursor.position();
    }

    private Operand caseOf() {
        int start = cursor.position();
        cursor.next();
        Operand compared = cursor.isWord("when") ? null : parse();
        List<Operand> results = new ArrayList<>();
        String name = "case";
        while (cursor.accept("when")) {
            Operand condition = parse();
            if (compared == null) {
                mustBeCondition(condition, "CASE/WHEN");
            } else {
                compared = compare("=", compared, condition);
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
        Operand result = Operand.of(common(results), start, cursor.position());
        return name.equals("case") ? result.as(Form.CAST).named(name) : result.named(name);
    }

    private Operand exists() {
        int start = cursor.position();
        cursor.next();
        parentheses();
        return Operand.of(ColumnType.of(BOOLEAN), start, cursor.position()).named("exists");
    }

    /** The one type of several values, which constants and parameters among them take. */
    ColumnType common(List<Operand> operands) {
        ColumnType type = null;
        for (Operand operand : operands) {
            if (!operand.isUntyped()) {
                type = type == null ? operand.type() : TypeRules.common(type, operand.type());
            }
        }
        ColumnType result = type == null ? ColumnType.of(TEXT) : type;
        for (Operand operand : operands) {
            resolve(operand, result);
        }
        return result;
    }

    /** Gives a constant or parameter the type of what it is used with. */
    Operand resolve(Operand operand, ColumnType type) {
        return resolve(operand, type, false);
    }

    Operand resolve(Operand operand, ColumnType type, boolean assigned) {
        if (!operand.isUntyped() || type.kind() == Kind.UNDECLARED) {
            return operand;
        }
        // A parameter may be in parentheses.
        SqlToken token = cursor.tokens.get(operand.start());
        if (operand.is(Form.CONSTANT)) {
            edits.replace(operand.start(), SqlCasts.constant(token, type, assigned));
        } else if (operand.is(Form.PARAMETER)) {
            mustBeParameter(type);
            parameters.define(token, type, assigned);
        }
        return operand.typed(type);
    }

    private static void mustBeParameter(ColumnType type) {
        if (type.kind() == INTERVAL) {
            throw Refusal.unsupported("SQLite takes no INTERVAL as a parameter: write $1 * INTERVAL '1 second', or"
                    + " CAST($1::text AS INTERVAL)");
        }
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
            return castOperator(left);
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
            return quantified(left, operator);
        }
        return binary(left, operator, parse(precedence + 1));
    }

    private @Nullable Operand wordOperator(Operand left, String word, int least) {
        return switch (word) {
            case "or" -> least > OR ? null : logical(left, OR);
            case "and" -> least > AND ? null : logical(left, AND);
            case "is", "isnull", "notnull" -> least > IS ? null : is(left);
            case "not" -> least > RANGE || !isNegatable(cursor.peek(1)) ? null : range(left);
            case "between", "in", "like", "ilike", "similar" -> least > RANGE ? null : range(left);
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
        Operand condition = resolve(operand, ColumnType.of(BOOLEAN));
        if (condition.isKnown() && condition.type().kind() != BOOLEAN) {
            String shown = place.toUpperCase(Locale.ROOT);
            throw Refusal.of(
                    "argument of " + shown + " must be type boolean, not type "
                            + condition.type().pgName(),
                    "42804");
        }
    }

    private Operand is(Operand left) {
        if (!cursor.next().isWord("is")) {
            return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
        }
        cursor.accept("not");
        if (cursor.accept("distinct", "from")) {
            Operand right = parse(COMPARISON);
            compare("=", left, right);
        } else if (cursor.isWord("unknown")) {
            edits.replace(cursor.position(), "NULL");
            cursor.next();
        } else {
            cursor.next(); // A parameter here may be of any type.
        }
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    private Operand range(Operand left) {
        cursor.accept("not");
        switch (cursor.next().text()) {
            case "between" -> between(left);
            case "in" -> in(left);
            case "similar" -> throw Refusal.unsupported("SQLite has no SIMILAR TO");
            default -> like(left, cursor.position() - 1);
        }
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    private void between(Operand left) {
        Operand low = parse(OTHER);
        cursor.accept("and");
        Operand high = parse(OTHER);
        Operand compared = compare(">=", left, low);
        compare("<=", compared, high);
    }

    private void in(Operand left) {
        cursor.next();
        if (isQuery()) {
            List<Output> columns = queries.query(scope);
            if (columns.size() == 1) {
                resolve(left, columns.get(0).type());
            }
        } else {
            inList(left);
        }
        cursor.acceptSymbol(")");
    }

    private void inList(Operand left) {
        if (cursor.isSymbol(")")) {
            throw SqlScanner.syntaxError(
                    "syntax error at or near \")\"", cursor.peek().start());
        }
        List<Operand> all = new ArrayList<>();
        do {
            all.add(parse());
        } while (cursor.acceptSymbol(","));
        Operand compared = left;
        for (Operand one : all) {
            compared = compare("=", compared, one);
        }
    }

    private void like(Operand left, int operator) {
        boolean ignoringCase = cursor.tokens.get(operator).isWord("ilike");
        Operand pattern = parse(OTHER);
        if (ignoringCase) {
            edits.replace(operator, "REGEXP");
        }
        mustBeText(left, ignoringCase ? "~~*" : "~~");
        mustBeText(pattern, ignoringCase ? "~~*" : "~~");
        if (cursor.accept("escape")) {
            parse(OTHER);
        } else {
            edits.after(pattern.end() - 1, "ESCAPE '\\'");
        }
    }

    private void mustBeText(Operand operand, String operator) {
        Operand text = resolve(operand, ColumnType.of(TEXT));
        if (text.isKnown() && text.type().kind() != TEXT) {
            throw noOperator(text.type(), operator, ColumnType.of(TEXT));
        }
    }

    private Operand atTimeZone(Operand left) {
        int operator = cursor.position();
        cursor.moveTo(operator + 3);
        Operand zone = resolve(parse(ZONE + 1), ColumnType.of(TEXT));
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

    /** {@code = ANY (...)} and {@code <> ALL (...)} are IN and NOT IN. */
    private Operand quantified(Operand left, int operator) {
        String symbol = cursor.tokens.get(operator).text();
        boolean all = cursor.isWord("all");
        boolean in = symbol.equals("=") && !all;
        if (!in && !(all && (symbol.equals("<>") || symbol.equals("!=")))) {
            throw Refusal.unsupported("SQLite has no " + symbol + (all ? " ALL" : " ANY"));
        }
        edits.replace(operator, in ? "IN" : "NOT IN");
        edits.remove(operator + 1, operator + 2);
        cursor.next();
        cursor.next();
        if (isQuery()) {
            List<Output> columns = queries.query(scope);
            resolve(
                    left,
                    columns.isEmpty() ? ColumnType.UNDECLARED : columns.get(0).type());
        } else if (cursor.isWord("array") && cursor.peek(1).isSymbol("[")) {
            arrayOfValues(left);
        } else {
            arrayAsWhole(left);
        }
        cursor.acceptSymbol(")");
        return Operand.compound(ColumnType.of(BOOLEAN), left.start(), cursor.position());
    }

    private void arrayOfValues(Operand left) {
        edits.remove(cursor.position(), cursor.position() + 2);
        cursor.next();
        cursor.next();
        inList(left);
        edits.remove(cursor.position(), cursor.position() + 1);
        cursor.acceptSymbol("]");
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
        return Operand.of(common(elements).array(), start, cursor.position()).named("array");
    }

    /** An array that is given as a whole. */
    private void arrayAsWhole(Operand left) {
        Operand array = parse();
        if (array.isUntyped()) {
            array = resolve(array, left.type().array());
        } else if (array.type().kind() != Kind.ARRAY) {
            throw Refusal.of("op ANY/ALL (array) requires array on right side", "42809");
        }
        ColumnType element = array.type().element();
        Operand compared = resolve(left, element);
        if (compared.isKnown() && isKnown(element) && !TypeRules.areComparable(compared.type(), element)) {
            throw noOperator(compared.type(), "=", element);
        }
        edits.wrap(array, "SELECT value FROM json_each(", ")");
    }

    private static boolean isKnown(ColumnType type) {
        return type.kind() != Kind.UNDECLARED;
    }

    private Operand binary(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        return switch (symbol) {
            case "=", "<>", "!=", "<", "<=", ">", ">=" -> {
                compare(symbol, left, right);
                yield Operand.compound(ColumnType.of(BOOLEAN), left.start(), right.end());
            }
            case "+", "-", "*", "/", "%" -> arithmetic(left, operator, right);
            case "^" -> power(left, operator, right);
            case "||" -> concatenation(left, operator, right);
            case "->", "->>" -> member(left, operator, right);
            case "&", "|", "<<", ">>" -> bits(symbol, left, right);
            case "#" ->
                call("bit_xor", left, operator, right, bits(symbol, left, right).type());
            case "#>", "#>>", "#-", "@>", "<@", "?", "?|", "?&", "~", "~*", "!~", "!~*" ->
                operatorFunction(left, operator, right);
            default -> Operand.compound(ColumnType.UNDECLARED, left.start(), right.end());
        };
    }

    /** Answers the left side, with the type that it may have got from the right one. */
    private Operand compare(String operator, Operand left, Operand right) {
        Operand a = left.isUntyped()
                ? resolve(
                        left,
                        right.isUntyped() ? ColumnType.of(TEXT) : right.type().plain())
                : left;
        Operand b = right.isUntyped() ? resolve(right, a.isKnown() ? a.type().plain() : ColumnType.UNDECLARED) : right;
        if (!a.isKnown() || !b.isKnown()) {
            return a;
        }
        if (a.type().kind() == Kind.ARRAY) {
            throw Refusal.unsupported("SQLite cannot compare arrays");
        }
        if (!TypeRules.areComparable(a.type(), b.type()) || a.type().kind() == JSON) {
            throw noOperator(a.type(), operator, b.type());
        }
        if (a.type().kind() == INTERVAL) {
            byLength(a);
            byLength(b);
        }
        if (TypeRules.isTime(a.type()) && a.type().kind() != b.type().kind()) {
            dayAsMoment(a);
            dayAsMoment(b);
        }
        return a;
    }

    /** Intervals as text would be compared letter by letter. */
    void byLength(Operand interval) {
        edits.wrap(interval, "interval_length(", ")");
    }

    private void dayAsMoment(Operand operand) {
        if (operand.type().kind() == DATE) {
            edits.wrap(operand, "cast_to(", ", 'timestamp')");
        }
    }

    private static RuntimeException noOperator(ColumnType left, String operator, ColumnType right) {
        return Refusal.of("operator does not exist: " + left.pgName() + " " + operator + " " + right.pgName(), "42883");
    }

    private Operand bits(String symbol, Operand left, Operand right) {
        boolean shift = symbol.equals("<<") || symbol.equals(">>");
        Operand a = resolve(left, shift ? ColumnType.of(INTEGER) : right.type());
        Operand b = resolve(right, shift ? ColumnType.of(INTEGER) : left.type());
        boolean whole = TypeRules.isWhole(a.type()) && TypeRules.isWhole(b.type());
        if (!whole && a.isKnown() && b.isKnown()) {
            throw noOperator(a.type(), symbol, b.type());
        }
        ColumnType type = !whole ? ColumnType.UNDECLARED : shift ? a.type() : TypeRules.common(a.type(), b.type());
        return Operand.compound(type, left.start(), right.end());
    }

    private Operand arithmetic(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        if (left.isUntyped() || right.isUntyped()) {
            Operand a = resolve(left, besides(symbol, right.type()));
            Operand b = resolve(right, besides(symbol, left.type()));
            if (a.isUntyped() && b.isUntyped() && !a.is(Form.NULL) && !b.is(Form.NULL)) {
                throw Refusal.of("operator is not unique: unknown " + symbol + " unknown", "42725");
            }
            return a.isUntyped() || b.isUntyped()
                    ? Operand.compound(ColumnType.UNDECLARED, left.start(), right.end())
                    : arithmetic(a, operator, b);
        }
        if (!left.isKnown() || !right.isKnown()) {
            return Operand.compound(ColumnType.UNDECLARED, left.start(), right.end());
        }
        if (TypeRules.isNumber(left.type()) && TypeRules.isNumber(right.type())) {
            ColumnType type = TypeRules.arithmetic(symbol, left.type(), right.type());
            if (symbol.equals("/") || symbol.equals("%")) {
                return division(left, operator, right, type);
            }
            return Operand.compound(type, left.start(), right.end());
        }
        return otherArithmetic(symbol, left, operator, right);
    }

    /** What is taken for the type of a constant or parameter beside a value of this type. */
    private static ColumnType besides(String symbol, ColumnType type) {
        boolean adds = symbol.equals("+");
        return switch (type.kind()) {
            case DATE -> {
                if (adds) {
                    throw Refusal.of("operator is not unique: date + unknown", "42725");
                }
                yield type;
            }
            case TIMESTAMP, TIMESTAMPTZ -> adds ? ColumnType.of(INTERVAL) : type.plain();
            case INTERVAL -> adds || symbol.equals("-") ? type : ColumnType.of(Kind.DOUBLE);
            case JSONB -> ColumnType.of(TEXT);
            default -> type.plain();
        };
    }

    /** Division by zero is an error, and one of decimals does not cut. */
    private Operand division(Operand left, int operator, Operand right, ColumnType type) {
        boolean decimals = type.kind() == NUMERIC;
        boolean certain = right.is(Form.NUMBER)
                && !cursor.tokens.get(right.start()).text().matches("[0.]*");
        if (certain && !decimals) {
            return Operand.compound(type, left.start(), right.end());
        }
        boolean remainder = cursor.tokens.get(operator).isSymbol("%");
        String function = remainder ? "remainder" : decimals ? "divide_decimals" : "divide";
        return call(function, left, operator, right, type);
    }

    private Operand call(String function, Operand left, int operator, Operand right, ColumnType type) {
        edits.before(left.start(), function + "(");
        edits.replace(operator, ",");
        edits.after(right.end() - 1, ")");
        return Operand.of(type, left.start(), right.end());
    }

    private Operand otherArithmetic(String symbol, Operand left, int operator, Operand right) {
        Kind a = left.type().kind();
        Kind b = right.type().kind();
        boolean adds = symbol.equals("+");
        boolean changes = adds || symbol.equals("-");
        if (changes && TypeRules.isTime(left.type()) && b == INTERVAL) {
            ColumnType type = a == DATE ? ColumnType.of(TIMESTAMP) : left.type().plain();
            return call(adds ? "add_interval" : "subtract_interval", left, operator, right, type);
        }
        if (adds && a == INTERVAL && TypeRules.isTime(right.type())) {
            ColumnType type =
                    b == DATE ? ColumnType.of(TIMESTAMP) : right.type().plain();
            return call("interval_added", left, operator, right, type);
        }
        if (changes && a == INTERVAL && b == INTERVAL) {
            return call(adds ? "plus_interval" : "minus_interval", left, operator, right, left.type());
        }
        if (symbol.equals("*")
                && ((a == INTERVAL && TypeRules.isNumber(right.type()))
                        || (b == INTERVAL && TypeRules.isNumber(left.type())))) {
            return call("times_interval", left, operator, right, ColumnType.of(INTERVAL));
        }
        if (symbol.equals("/") && a == INTERVAL && TypeRules.isNumber(right.type())) {
            return call("divide_interval", left, operator, right, left.type());
        }
        if (symbol.equals("-")
                && TypeRules.isTime(left.type())
                && TypeRules.isTime(right.type())
                && (a != DATE || b != DATE)) {
            return call("interval_between", left, operator, right, ColumnType.of(INTERVAL));
        }
        if (changes && a == DATE && TypeRules.isWhole(right.type())) {
            return call(adds ? "add_days" : "subtract_days", left, operator, right, left.type());
        }
        if (symbol.equals("-") && a == DATE && b == DATE) {
            return call("days_between", left, operator, right, ColumnType.of(INTEGER));
        }
        if (symbol.equals("-") && a == JSONB && (b == TEXT || TypeRules.isWhole(right.type()))) {
            return call("jsonb_without", left, operator, right, left.type());
        }
        if (changes
                && (a == Kind.TIME || b == Kind.TIME)
                && (a == INTERVAL || b == INTERVAL || TypeRules.isTime(left.type()))) {
            throw Refusal.unsupported("SQLite cannot compute with TIME");
        }
        throw noOperator(left.type(), symbol, right.type());
    }

    private Operand power(Operand left, int operator, Operand right) {
        boolean decimal = left.type().kind() == NUMERIC || right.type().kind() == NUMERIC;
        return call("power", left, operator, right, decimal ? ColumnType.decimal(-1) : ColumnType.of(Kind.DOUBLE));
    }

    private Operand concatenation(Operand left, int operator, Operand right) {
        if (left.type().kind() == JSONB || right.type().kind() == JSONB) {
            resolve(left, ColumnType.of(JSONB));
            resolve(right, ColumnType.of(JSONB));
            return call("jsonb_concat", left, operator, right, ColumnType.of(JSONB));
        }
        boolean noText = left.isKnown()
                && right.isKnown()
                && left.type().kind() != TEXT
                && right.type().kind() != TEXT;
        if (noText && !(left.type().kind() == BYTES && right.type().kind() == BYTES)) {
            throw noOperator(left.type(), "||", right.type());
        }
        asText(left);
        asText(right);
        return Operand.of(ColumnType.of(noText ? BYTES : TEXT), left.start(), right.end());
    }

    /** Writes a value as PostgreSQL's text of it. */
    void asText(Operand operand) {
        if (operand.isUntyped()) {
            resolve(operand, ColumnType.of(TEXT));
            return;
        }
        switch (operand.type().kind()) {
            case BOOLEAN, NUMERIC, REAL, DOUBLE, TIMESTAMPTZ ->
                edits.wrap(operand, "cast_to(", ", 'text', '" + shown(operand.type()) + "')");
            default -> {
                if (operand.is(Form.COMPOUND)) {
                    edits.wrap(operand, "(", ")"); // || binds tighter in SQLite
                }
            }
        }
    }

    /** A type for {@code cast_to}. */
    private static String shown(ColumnType type) {
        return type.kind() == NUMERIC && type.scale() >= 0
                ? "numeric(15," + type.scale() + ")"
                : type.plain().declaration();
    }

    private Operand member(Operand left, int operator, Operand right) {
        boolean asText = cursor.tokens.get(operator).isSymbol("->>");
        resolve(right, ColumnType.of(TEXT));
        ColumnType type = asText ? ColumnType.of(TEXT) : left.isKnown() ? left.type() : ColumnType.of(JSONB);
        return Operand.of(type, left.start(), right.end());
    }

    private Operand operatorFunction(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        boolean json = symbol.contains("@");
        boolean keys = symbol.startsWith("#") || (symbol.length() > 1 && symbol.startsWith("?"));
        resolve(left, ColumnType.of(json || keys || symbol.equals("?") ? JSONB : TEXT));
        resolve(right, keys ? ColumnType.of(TEXT).array() : ColumnType.of(json ? JSONB : TEXT));
        ColumnType type =
                switch (symbol) {
                    case "#>", "#-" -> left.isKnown() ? left.type() : ColumnType.of(JSONB);
                    default -> ColumnType.of(symbol.equals("#>>") ? TEXT : BOOLEAN);
                };
        String function = FUNCTIONS.getOrDefault(symbol, "");
        if (function.startsWith("not ")) {
            call(function.substring(4), left, operator, right, type);
            edits.before(left.start(), "(NOT ");
            edits.after(right.end() - 1, ")");
            return Operand.of(type, left.start(), right.end());
        }
        return call(function, left, operator, right, type);
    }

    private Operand castOperator(Operand operand) {
        int start = cursor.position();
        cursor.next();
        int end = endOfType(start + 1);
        if (start + 1 >= end) {
            throw SqlScanner.syntaxError("syntax error at end of input: a type is missing", 0);
        }
        ColumnType type = ColumnType.of(typeText(start + 1, end));
        edits.remove(start, end);
        cursor.moveTo(end);
        ColumnType needed = castInPlace(operand, type);
        if (needed != null) {
            edits.before(operand.start(), "cast_to(");
            edits.after(end - 1, ", '" + type.declaration() + "'" + source(needed) + ")");
        }
        return cast(operand, type, operand.start(), end);
    }

    private Operand castCall() {
        int start = cursor.position();
        cursor.moveTo(start + 2);
        Operand operand = parse();
        int as = cursor.position();
        int end = endOfType(as + 1);
        ColumnType type = ColumnType.of(typeText(Math.min(as + 1, end), end));
        cursor.moveTo(end);
        cursor.acceptSymbol(")");
        ColumnType needed = castInPlace(operand, type);
        edits.remove(as, end);
        edits.replace(start, needed == null ? "" : "cast_to");
        if (needed != null) {
            edits.after(end - 1, ", '" + type.declaration() + "'" + source(needed));
        }
        return cast(operand, type, start, cursor.position());
    }

    private static String source(ColumnType source) {
        return source.kind() == Kind.UNDECLARED || source.kind() == TEXT ? "" : ", '" + shown(source) + "'";
    }

    /** The name of a column stays, and the type gives one to what has none but that of another type. */
    private static Operand cast(Operand operand, ColumnType type, int start, int end) {
        return operand.name() == null || operand.is(Form.CAST)
                ? new Operand(Form.CAST, type, start, end, internalName(type))
                : new Operand(Form.OTHER, type, start, end, operand.name());
    }

    private static String internalName(ColumnType type) {
        if (type.kind() == TEXT && type.declaration().contains("char")) {
            return type.declaration().startsWith("char(") ? "bpchar" : "varchar";
        }
        return INTERNAL_NAMES.getOrDefault(type.kind(), type.plain().declaration());
    }

    /** Null when the value has the type already, or has got it; else what it is now. */
    private @Nullable ColumnType castInPlace(Operand operand, ColumnType type) {
        if (type.kind() == Kind.UNDECLARED || (type.kind() == Kind.ARRAY && !isKnown(type.element()))) {
            throw Refusal.unsupported("SQLite has no type " + type.declaration());
        }
        if (operand.is(Form.CONSTANT)) {
            resolve(operand, type);
            return null;
        }
        if (operand.is(Form.NULL)) {
            return null;
        }
        if (operand.is(Form.PARAMETER) && !operand.isKnown()) {
            mustBeParameter(type);
            parameters.define(cursor.tokens.get(operand.start()), type.plain(), false);
            return type.length() < 0 ? null : type.plain();
        }
        ColumnType source = operand.type();
        if (source.kind() == Kind.ARRAY || type.kind() == Kind.ARRAY) {
            boolean same = source.kind() == type.kind() && TypeRules.areComparable(source.element(), type.element());
            if (!same) {
                throw Refusal.unsupported("SQLite cannot cast " + source.pgName() + " to " + type.pgName());
            }
            return null;
        }
        boolean wider = TypeRules.isWhole(source)
                && TypeRules.isWhole(type)
                && source.kind().compareTo(type.kind()) <= 0
                && !operand.is(Form.COMPOUND);
        return wider || source.equals(type) ? null : source;
    }

    /** Behind the type name that begins here. */
    int endOfType(int start) {
        int end = SqlTokens.endOfType(cursor.tokens, start);
        while (SqlTokens.isSymbolAt(cursor.tokens, end, "[")) {
            while (end < cursor.tokens.size() && !cursor.tokens.get(end).isSymbol("]")) {
                end++;
            }
            end = Math.min(end + 1, cursor.tokens.size());
        }
        return end;
    }

    /** An array of any size and number of dimensions is one of its elements. */
    private String typeText(int start, int end) {
        int bracket = start;
        while (bracket < end && !cursor.tokens.get(bracket).isSymbol("[")) {
            bracket++;
        }
        return SqlRewriter.text(cursor.tokens.subList(start, bracket)) + (bracket < end ? "[]" : "");
    }

    /** Writes a value into a column, which PostgreSQL lets change its type within limits. */
    void assign(Operand value, ColumnType column, String name) {
        if (column.kind() == Kind.UNDECLARED) {
            return;
        }
        if (value.isUntyped()) {
            resolve(value, column, true);
            return;
        }
        ColumnType type = value.type();
        if (!value.isKnown() || fits(value, column)) {
            return;
        }
        if (!canBeAssigned(type, column)) {
            throw Refusal.of(
                    "column \"" + name + "\" is of type " + column.pgName() + " but expression is of type "
                            + type.pgName(),
                    "42804");
        }
        edits.wrap(value, "assign_to(", ", '" + column.declaration() + "'" + source(type) + ")");
    }

    /** Whether the value needs no check of its own. */
    private static boolean fits(Operand value, ColumnType column) {
        ColumnType type = value.type();
        if (value.is(Form.PARAMETER)) {
            return type.kind() == column.kind();
        }
        if (column.kind() != type.kind()) {
            return value.is(Form.NUMBER)
                    && type.kind() == INTEGER
                    && (column.kind() == BIGINT || TypeRules.isFloating(column));
        }
        return switch (column.kind()) {
            case SMALLINT, INTEGER, BIGINT -> !value.is(Form.COMPOUND);
            case NUMERIC -> column.scale() < 0;
            case TEXT -> column.length() < 0 || column.equals(type);
            default -> true;
        };
    }

    private static boolean canBeAssigned(ColumnType type, ColumnType column) {
        return TypeRules.areComparable(type, column)
                || column.kind() == TEXT
                || (type.kind() == JSON && column.kind() == JSONB)
                || (type.kind() == JSONB && column.kind() == JSON);
    }
}
