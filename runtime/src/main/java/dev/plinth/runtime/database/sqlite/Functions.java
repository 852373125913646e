package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BIGINT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BYTES;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DOUBLE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSON;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSONB;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMP;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.UNDECLARED;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads calls of functions: what they give, and how SQLite calls them. */
final class Functions {

    /** Functions of text, or of what they say here, with the type of what they give. */
    private static final Map<String, Kind> OF_TEXT = Map.ofEntries(
            Map.entry("lower", TEXT),
            Map.entry("upper", TEXT),
            Map.entry("trim", TEXT),
            Map.entry("btrim", TEXT),
            Map.entry("ltrim", TEXT),
            Map.entry("rtrim", TEXT),
            Map.entry("replace", TEXT),
            Map.entry("reverse", TEXT),
            Map.entry("initcap", TEXT),
            Map.entry("md5", TEXT),
            Map.entry("sha256", BYTES),
            Map.entry("bit_length", INTEGER),
            Map.entry("translate", TEXT),
            Map.entry("starts_with", BOOLEAN),
            Map.entry("ascii", INTEGER),
            Map.entry("strpos", INTEGER),
            Map.entry("char_length", INTEGER),
            Map.entry("character_length", INTEGER),
            Map.entry("regexp_replace", TEXT),
            Map.entry("jsonb_typeof", TEXT),
            Map.entry("json_typeof", TEXT),
            Map.entry("jsonb_array_length", INTEGER),
            Map.entry("json_array_length", INTEGER),
            Map.entry("length", INTEGER),
            Map.entry("octet_length", INTEGER),
            Map.entry("left", TEXT),
            Map.entry("right", TEXT),
            Map.entry("lpad", TEXT),
            Map.entry("rpad", TEXT),
            Map.entry("repeat", TEXT),
            Map.entry("split_part", TEXT),
            Map.entry("substr", TEXT),
            Map.entry("substring", TEXT),
            Map.entry("chr", TEXT),
            Map.entry("encode", TEXT),
            Map.entry("decode", BYTES));

    /** What SQLite calls them. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("btrim", "trim"),
            Map.entry("ascii", "unicode"),
            Map.entry("strpos", "instr"),
            Map.entry("char_length", "length"),
            Map.entry("character_length", "length"),
            Map.entry("chr", "char"),
            Map.entry("json_typeof", "jsonb_typeof"),
            Map.entry("json_array_length", "jsonb_array_length"),
            Map.entry("left", "first_letters"),
            Map.entry("right", "last_letters"),
            Map.entry("every", "min"),
            Map.entry("bool_and", "min"),
            Map.entry("bool_or", "max"),
            Map.entry("transaction_timestamp", "now"),
            Map.entry("statement_timestamp", "clock_timestamp"),
            Map.entry("ceiling", "ceil"));

    private static final Map<String, Kind> GIVING = Map.ofEntries(
            Map.entry("now", TIMESTAMPTZ),
            Map.entry("transaction_timestamp", TIMESTAMPTZ),
            Map.entry("statement_timestamp", TIMESTAMPTZ),
            Map.entry("clock_timestamp", TIMESTAMPTZ),
            Map.entry("gen_random_uuid", Kind.UUID),
            Map.entry("random", DOUBLE),
            Map.entry("pi", DOUBLE),
            Map.entry("count", BIGINT),
            Map.entry("row_number", BIGINT),
            Map.entry("rank", BIGINT),
            Map.entry("dense_rank", BIGINT),
            Map.entry("ntile", INTEGER),
            Map.entry("percent_rank", DOUBLE),
            Map.entry("cume_dist", DOUBLE),
            Map.entry("bool_and", BOOLEAN),
            Map.entry("bool_or", BOOLEAN),
            Map.entry("every", BOOLEAN));

    private static final Set<Kind> TIMES = Set.of(Kind.DATE, TIMESTAMP, TIMESTAMPTZ);

    private static final Set<String> AGGREGATES = Set.of(
            "avg",
            "bool_and",
            "bool_or",
            "count",
            "every",
            "group_concat",
            "json_agg",
            "json_group_array",
            "json_group_object",
            "json_object_agg",
            "jsonb_agg",
            "jsonb_object_agg",
            "max",
            "min",
            "string_agg",
            "sum",
            "total");

    private static final Set<String> AS_THE_FIRST =
            Set.of("min", "max", "lag", "lead", "first_value", "last_value", "nth_value", "nullif");

    private static final Map<String, String> JSON_AGGREGATES = Map.of(
            "jsonb_agg", "json_group_array",
            "json_agg", "json_group_array",
            "jsonb_object_agg", "json_group_object",
            "json_object_agg", "json_group_object");

    private static final Map<String, String> JSON_BUILDERS = Map.of(
            "jsonb_build_object", "json_object",
            "json_build_object", "json_object",
            "jsonb_build_array", "json_array",
            "json_build_array", "json_array");

    private final Expressions expressions;
    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final NumberTypes numbers;
    private final NumberFunctions numberFunctions;

    Functions(Expressions expressions, TokenCursor cursor, TokenEdits edits) {
        this.expressions = expressions;
        this.cursor = cursor;
        this.edits = edits;
        this.numbers = expressions.numbers;
        this.numberFunctions = new NumberFunctions(edits, expressions.typing, numbers);
    }

    /** A call that begins here: its name stands before a parenthesis. */
    Operand call(Scope scope) {
        int start = cursor.position();
        String name = cursor.peek().text();
        return switch (name) {
            case "extract" -> extract(start);
            case "position" -> position(start);
            case "overlay" -> overlay(start);
            case "substring" -> cursor.peek(2).isSymbol(")") ? plain(start, name, scope) : substring(start);
            case "trim" -> trim(start);
            case "unnest",
                    "jsonb_array_elements",
                    "jsonb_array_elements_text",
                    "jsonb_each",
                    "jsonb_each_text",
                    "jsonb_object_keys",
                    "jsonb_to_recordset" ->
                throw Refusal.unsupported(
                        "SQLite gives the rows of " + name + "() in FROM, or as the last that SELECT lists");
            case "array_agg", "string_to_array", "array_length", "array_to_string", "array_append", "cardinality" ->
                throw Refusal.unsupported("SQLite has no arrays and no " + name + "()");
            case "date" -> dateOf(start, scope);
            case "age",
                    "make_interval",
                    "justify_days",
                    "justify_hours",
                    "justify_interval",
                    "regexp_match",
                    "regexp_matches",
                    "stddev",
                    "stddev_pop",
                    "stddev_samp",
                    "variance",
                    "var_pop",
                    "var_samp",
                    "corr",
                    "bit_and",
                    "bit_or",
                    "bit_xor",
                    "percentile_cont",
                    "percentile_disc",
                    "mode",
                    "jsonb_insert",
                    "row_to_json",
                    "generate_series",
                    "format" -> throw Refusal.unsupported("SQLite has no " + name + "()");
            default -> plain(start, name, scope);
        };
    }

    private Operand plain(int start, String name, Scope scope) {
        cursor.moveTo(start + 2);
        boolean aggregate = AGGREGATES.contains(name) && !isOverWindow(start + 1);
        @Nullable Grouping grouping = aggregate ? expressions.collect(null) : null;
        List<Operand> arguments = arguments(scope);
        rename(start, OTHER_NAMES.get(name));
        ColumnType type = type(start, name, arguments);
        int close = cursor.position();
        cursor.acceptSymbol(")");
        behind(scope);
        if (aggregate && grouping != null) {
            grouping.aggregates();
            expressions.collect(grouping);
        }
        wrapAggregate(start, name, close);
        return Operand.of(type, start, cursor.position()).named(shownName(name));
    }

    /** {@code date(time)} is a cast; SQLite's own has further arguments. */
    private Operand dateOf(int start, Scope scope) {
        Operand call = plain(start, "date", scope);
        if (SqlTokens.splitAtCommas(cursor.tokens.subList(start + 2, call.end() - 1))
                        .size()
                != 1) {
            return call;
        }
        edits.replace(start, "cast_to");
        edits.before(call.end() - 1, ", 'date'");
        return call.typed(ColumnType.of(Kind.DATE));
    }

    private static String shownName(String name) {
        return name.equals("trim") ? "btrim" : name;
    }

    private void rename(int index, @Nullable String other) {
        if (other != null) {
            edits.replace(index, other);
        }
    }

    private List<Operand> arguments(Scope scope) {
        List<Operand> arguments = new ArrayList<>();
        boolean distinct = cursor.accept("distinct");
        if (distinct && cursor.peek(-3).isWord("string_agg")) {
            throw Refusal.unsupported("SQLite has no string_agg(DISTINCT ...)");
        }
        cursor.accept("all");
        if (cursor.isSymbol("*")) {
            cursor.next();
            return arguments;
        }
        while (!cursor.isSymbol(")") && !cursor.isAtEnd() && !cursor.isWord("order")) {
            arguments.add(expressions.parse());
            if (!cursor.acceptSymbol(",")) {
                break;
            }
        }
        if (distinct) {
            arguments.replaceAll(numbers::ordered);
        }
        if (cursor.accept("order", "by")) {
            Orders.read(cursor, edits, expressions, scope, List.of());
        }
        return arguments;
    }

    private boolean isOverWindow(int open) {
        int behind = SqlTokens.closing(cursor.tokens, open) + 1;
        if (SqlTokens.isWordAt(cursor.tokens, behind, "filter")) {
            behind = SqlTokens.closing(cursor.tokens, behind + 1) + 1;
        }
        return SqlTokens.isWordAt(cursor.tokens, behind, "over");
    }

    /** FILTER and OVER. */
    private void behind(Scope scope) {
        if (cursor.isWord("filter") && cursor.peek(1).isSymbol("(")) {
            cursor.moveTo(cursor.position() + 2);
            cursor.accept("where");
            expressions.condition(scope, "FILTER");
            cursor.acceptSymbol(")");
        }
        if (cursor.isWord("over")) {
            cursor.next();
            if (cursor.isSymbol("(")) {
                window(scope);
            } else {
                cursor.next();
            }
        }
    }

    private boolean isDistance() {
        return cursor.isAnyWord(Set.of("preceding", "following"))
                && !cursor.peek(-1).isWord("unbounded");
    }

    /** The definition of a window, in parentheses. */
    void window(Scope scope) {
        int close = SqlTokens.closing(cursor.tokens, cursor.position());
        boolean decimals = false;
        boolean range = false;
        cursor.next();
        while (cursor.position() < close) {
            range |= cursor.isWord("range");
            if (cursor.accept("partition", "by")) {
                do {
                    numbers.ordered(expressions.parse(scope));
                } while (cursor.acceptSymbol(","));
            } else if (cursor.accept("order", "by")) {
                decimals = Orders.read(cursor, edits, expressions, scope, List.of());
            } else if (decimals && range && isDistance()) {
                throw Refusal.unsupported("SQLite has no RANGE with a distance between values of NUMERIC");
            } else {
                cursor.next();
            }
        }
        cursor.moveTo(Math.min(close + 1, cursor.tokens.size()));
    }

    /** An aggregate over nothing is null in PostgreSQL, an empty array or object in SQLite. */
    private void wrapAggregate(int start, String name, int close) {
        String function = JSON_AGGREGATES.get(name);
        if (function == null) {
            return;
        }
        edits.replace(start, function);
        String empty = function.endsWith("array") ? "'[]'" : "'{}'";
        boolean sorted = name.startsWith("jsonb");
        edits.before(start, sorted ? "jsonb_or_null(" : "nullif(");
        edits.after(Math.max(close, cursor.position() - 1), ", " + empty + ")");
    }

    private ColumnType type(int start, String name, List<Operand> arguments) {
        if (OF_TEXT.containsKey(name)) {
            return ofText(start, name, arguments);
        }
        if (JSON_AGGREGATES.containsKey(name) || JSON_BUILDERS.containsKey(name)) {
            return json(start, name, arguments);
        }
        if (GIVING.containsKey(name)) {
            return ColumnType.of(GIVING.getOrDefault(name, UNDECLARED));
        }
        if (AS_THE_FIRST.contains(name) && !arguments.isEmpty()) {
            return asTheFirst(name, arguments);
        }
        if (NumberFunctions.has(name)) {
            return numberFunctions.type(start, name, arguments);
        }
        return switch (name) {
            case "coalesce" -> expressions.typing.common(arguments);
            case "concat", "concat_ws" -> {
                arguments.forEach(this::asOutput);
                yield ColumnType.of(TEXT);
            }
            case "string_agg" -> {
                arguments.forEach(expressions.casts::asText);
                yield ColumnType.of(TEXT);
            }
            case "date_trunc" -> {
                arguments.forEach(argument -> expressions.typing.resolve(argument, ColumnType.of(TEXT)));
                boolean local = arguments.size() > 1 && arguments.get(1).type().kind() == TIMESTAMP;
                yield ColumnType.of(local ? TIMESTAMP : TIMESTAMPTZ);
            }
            case "date_part" -> {
                if (arguments.size() == 2 && arguments.get(1).type().kind() == Kind.INTERVAL) {
                    edits.replace(start, "interval_part");
                }
                yield ColumnType.of(DOUBLE);
            }
            case "to_timestamp" -> {
                arguments.forEach(argument -> numbers.to(ColumnType.of(DOUBLE), argument));
                yield arguments.size() == 1 ? ColumnType.of(TIMESTAMPTZ) : noFormats(name);
            }
            case "to_date", "to_number" -> noFormats(name);
            case "to_char" -> {
                boolean times = arguments.size() == 2
                        && TIMES.contains(arguments.get(0).type().kind());
                arguments.stream()
                        .skip(1)
                        .forEach(argument -> expressions.typing.resolve(argument, ColumnType.of(TEXT)));
                yield times ? ColumnType.of(TEXT) : noFormats("to_char");
            }
            case "to_jsonb", "to_json" -> toJson(start, name, arguments);
            case "jsonb_set" -> {
                resolveAll(
                        arguments,
                        List.of(ColumnType.of(JSONB), ColumnType.of(TEXT).array(), ColumnType.of(JSONB)));
                yield ColumnType.of(JSONB);
            }
            default -> {
                arguments.forEach(numbers::asStored);
                yield ColumnType.UNDECLARED;
            }
        };
    }

    /** Here PostgreSQL writes a boolean as t or f. */
    private void asOutput(Operand argument) {
        if (argument.is(Form.PARAMETER) && argument.isUntyped()) {
            return; // Nothing tells its type, so that it is that of whatever value comes.
        }
        expressions.casts.asText(argument);
        if (argument.type().kind() == BOOLEAN) {
            edits.wrap(argument, "substr(", ", 1, 1)");
        }
    }

    private static ColumnType noFormats(String name) {
        throw Refusal.unsupported(
                name.equals("to_char")
                        ? "SQLite has to_char() of days and times only"
                        : "SQLite has no " + name + "() with a format");
    }

    private void resolveAll(List<Operand> arguments, List<ColumnType> types) {
        for (int i = 0; i < Math.min(arguments.size(), types.size()); i++) {
            expressions.typing.resolve(arguments.get(i), types.get(i));
        }
    }

    private ColumnType ofText(int start, String name, List<Operand> arguments) {
        refuseOther(name, arguments);
        for (Operand argument : arguments) {
            boolean number = argument.is(Form.PARAMETER)
                    && arguments.indexOf(argument) > 0
                    && Set.of("left", "right", "lpad", "rpad", "repeat", "substr", "substring", "split_part")
                            .contains(name)
                    && !(Set.of("lpad", "rpad").contains(name) && arguments.indexOf(argument) == 2)
                    && !(name.equals("split_part") && arguments.indexOf(argument) == 1);
            Kind wanted = name.startsWith("json") ? JSONB : number ? INTEGER : name.equals("sha256") ? BYTES : TEXT;
            expressions.typing.resolve(argument, ColumnType.of(wanted));
        }
        if (name.equals("substr") || name.equals("substring")) {
            boolean plain = arguments.stream().skip(1).allMatch(argument -> isPositiveNumber(argument));
            rename(start, plain ? "substr" : "part_of_text");
        }
        return ColumnType.of(OF_TEXT.getOrDefault(name, TEXT));
    }

    /** Text is the first argument, but for those that say something of anything. */
    private static void refuseOther(String name, List<Operand> arguments) {
        boolean ofAnything = name.contains("json") || name.equals("chr");
        boolean ofBytes = Set.of(
                        "length", "octet_length", "bit_length", "encode", "substr", "substring", "md5", "sha256")
                .contains(name);
        if (!ofAnything && !arguments.isEmpty()) {
            ColumnType first = arguments.get(0).type();
            if (first.kind() != UNDECLARED && first.kind() != TEXT && !(ofBytes && first.kind() == BYTES)) {
                throw Refusal.of("function " + name + "(" + first.pgName() + ") does not exist", "42883");
            }
        }
    }

    private boolean isPositiveNumber(Operand argument) {
        return argument.is(Form.NUMBER)
                && argument.end() - argument.start() == 1
                && !cursor.tokens.get(argument.start()).text().equals("0");
    }

    private ColumnType asTheFirst(String name, List<Operand> arguments) {
        Operand first = arguments.get(0);
        if (name.equals("nullif") && arguments.size() == 2) {
            Operand compared =
                    numbers.ordered(expressions.typing.unified(arguments).get(0));
            first = NumberTypes.isExact(compared.type()) ? compared : first;
        }
        if ((name.equals("lag") || name.equals("lead")) && arguments.size() == 3) {
            first = expressions.typing.unified(List.of(first, arguments.get(2))).get(0);
        }
        if (name.equals("min") || name.equals("max")) {
            numbers.ordered(first);
        }
        ColumnType type = first.type();
        if ((name.equals("min") || name.equals("max")) && arguments.size() > 1) {
            throw Refusal.of(
                    "function " + name + "() with " + arguments.size() + " arguments does not exist: use greatest() or"
                            + " least()",
                    "42883");
        }
        if (type.kind() == Kind.INTERVAL && !name.equals("nullif")) {
            throw Refusal.unsupported("SQLite has no " + name + "() of an INTERVAL");
        }
        boolean noOrder = Set.of(BOOLEAN, JSON, JSONB, Kind.UUID).contains(type.kind());
        if (noOrder && (name.equals("min") || name.equals("max"))) {
            throw Refusal.of("function " + name + "(" + type.pgName() + ") does not exist", "42883");
        }
        return type.approximate() || type.kind() == UNDECLARED ? type : type.plain();
    }

    private ColumnType json(int start, String name, List<Operand> arguments) {
        boolean object = name.contains("object");
        for (int i = 0; i < arguments.size(); i++) {
            Operand argument = arguments.get(i);
            if (object && i % 2 == 0) {
                expressions.typing.resolve(argument, ColumnType.of(TEXT));
            } else {
                asJson(argument);
            }
        }
        String builder = JSON_BUILDERS.get(name);
        boolean sorted = name.startsWith("jsonb");
        if (builder != null) {
            edits.replace(start, builder);
            if (sorted) {
                edits.before(start, "cast_to(");
                edits.after(cursor.position(), ", 'jsonb')");
            }
        }
        return ColumnType.of(sorted ? JSONB : JSON);
    }

    /** So that JSON stays JSON inside of JSON, and is not taken for its text. */
    private void asJson(Operand argument) {
        switch (argument.type().kind()) {
            case JSON, JSONB -> edits.wrap(argument, "json(", ")");
            case BOOLEAN, TIMESTAMPTZ, TIMESTAMP, NUMERIC, REAL, DOUBLE ->
                edits.wrap(
                        argument,
                        "json(to_json(",
                        ", '" + numbers.argument(argument).type().plain().asStored() + "'))");
            default -> {
                if (argument.is(Form.PARAMETER) && argument.isUntyped()) {
                    // Nothing tells its type, so that it is the JSON of whatever value comes.
                    expressions.typing.resolve(argument, ColumnType.of(JSONB));
                    edits.wrap(argument, "json(", ")");
                } else {
                    expressions.typing.resolve(argument, ColumnType.of(TEXT));
                }
            }
        }
    }

    private ColumnType toJson(int start, String name, List<Operand> arguments) {
        ColumnType type = ColumnType.of(name.equals("to_json") ? JSON : JSONB);
        if (arguments.size() == 1) {
            boolean any = arguments.get(0).is(Form.PARAMETER);
            Operand argument =
                    numbers.argument(expressions.typing.resolve(arguments.get(0), ColumnType.of(any ? JSONB : TEXT)));
            edits.replace(start, "to_json");
            edits.after(argument.end() - 1, ", '" + argument.type().plain().asStored() + "'");
        }
        return type;
    }

    /** {@code EXTRACT(field FROM time)}. */
    private Operand extract(int start) {
        cursor.moveTo(start + 2);
        int field = cursor.position();
        String name = cursor.next().text();
        edits.replace(field, "'" + name.replace("'", "''") + "'");
        if (cursor.isWord("from")) {
            edits.replace(cursor.position(), ",");
            cursor.next();
        }
        Operand whole = expressions.parse();
        cursor.acceptSymbol(")");
        edits.replace(start, "numeric_of(" + (whole.type().kind() == Kind.INTERVAL ? "interval_part" : "date_part"));
        int digits = Set.of("second", "epoch").contains(name) ? 6 : name.equals("milliseconds") ? 3 : 0;
        edits.after(cursor.position() - 1, ", " + digits + ")");
        return Operand.of(ColumnType.of(NUMERIC), start, cursor.position()).named("extract");
    }

    /** {@code POSITION(part IN whole)}: SQLite's instr has them the other way round. */
    private Operand position(int start) {
        cursor.moveTo(start + 2);
        Operand part = expressions.parse(Expressions.OTHER);
        expressions.typing.resolve(part, ColumnType.of(TEXT));
        if (cursor.isWord("in")) {
            edits.replace(cursor.position(), ",");
            cursor.next();
        }
        expressions.typing.resolve(expressions.parse(), ColumnType.of(TEXT));
        cursor.acceptSymbol(")");
        edits.replace(start, "position_in");
        return Operand.of(ColumnType.of(INTEGER), start, cursor.position()).named("position");
    }

    /** {@code OVERLAY(text PLACING part FROM start FOR length)}. */
    private Operand overlay(int start) {
        cursor.moveTo(start + 2);
        List<Operand> arguments = new ArrayList<>();
        arguments.add(expressions.parse());
        while (cursor.isAnyWord(Set.of("placing", "from", "for")) || cursor.isSymbol(",")) {
            edits.replace(cursor.position(), ",");
            cursor.next();
            arguments.add(expressions.parse());
        }
        resolveAll(
                arguments,
                List.of(ColumnType.of(TEXT), ColumnType.of(TEXT), ColumnType.of(INTEGER), ColumnType.of(INTEGER)));
        cursor.acceptSymbol(")");
        return Operand.of(ColumnType.of(TEXT), start, cursor.position()).named("overlay");
    }

    /** {@code SUBSTRING(text FROM start FOR length)}, or with commas. */
    private Operand substring(int start) {
        cursor.moveTo(start + 2);
        List<Operand> arguments = new ArrayList<>();
        arguments.add(expressions.parse());
        if (cursor.isWord("for")) {
            edits.replace(cursor.position(), ", 1,");
            cursor.next();
            arguments.add(expressions.parse());
        }
        while (cursor.isWord("from") || cursor.isWord("for") || cursor.isSymbol(",")) {
            edits.replace(cursor.position(), ",");
            cursor.next();
            Operand argument = expressions.parse();
            if (argument.is(Form.CONSTANT)) {
                throw Refusal.unsupported("SQLite has no substring() with a pattern");
            }
            arguments.add(argument);
        }
        ofText(start, "substring", arguments);
        cursor.acceptSymbol(")");
        return Operand.of(ColumnType.of(TEXT), start, cursor.position()).named("substring");
    }

    /** {@code TRIM(BOTH letters FROM text)}, or with a comma. */
    private Operand trim(int start) {
        cursor.moveTo(start + 2);
        String function = "trim";
        if (cursor.isAnyWord(Set.of("leading", "trailing", "both"))) {
            function = Map.of("leading", "ltrim", "trailing", "rtrim")
                    .getOrDefault(cursor.peek().text(), "trim");
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.next();
        }
        Operand first = null;
        if (cursor.isWord("from")) {
            edits.remove(cursor.position(), cursor.position() + 1);
            cursor.next();
        } else {
            first = expressions.typing.resolve(expressions.parse(), ColumnType.of(TEXT));
        }
        if (first != null && cursor.isWord("from")) {
            edits.replace(cursor.position(), ",");
            cursor.next();
            function += "_letters";
        } else if (first != null) {
            cursor.acceptSymbol(",");
        }
        if (!cursor.isSymbol(")")) {
            expressions.typing.resolve(expressions.parse(), ColumnType.of(TEXT));
        }
        cursor.acceptSymbol(")");
        edits.replace(start, function);
        String shown = function.startsWith("trim") ? "btrim" : function.substring(0, 5);
        return Operand.of(ColumnType.of(TEXT), start, cursor.position()).named(shown);
    }
}
