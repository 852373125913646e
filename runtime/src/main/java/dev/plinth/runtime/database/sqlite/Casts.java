package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BIGINT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BYTES;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSON;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSONB;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TIMESTAMPTZ;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Operand.Form;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads casts, and turns values into the type of the column or text that they are written into. */
final class Casts {

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

    private final Expressions expressions;
    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final ParameterTypes parameters;
    private final Typing typing;
    private final NumberTypes numbers;

    Casts(
            Expressions expressions,
            TokenCursor cursor,
            TokenEdits edits,
            ParameterTypes parameters,
            Typing typing,
            NumberTypes numbers) {
        this.numbers = numbers;
        this.expressions = expressions;
        this.cursor = cursor;
        this.edits = edits;
        this.parameters = parameters;
        this.typing = typing;
    }

    /** The name of a column stays, and the type gives one to what has none but that of another type. */
    private static Operand cast(Operand operand, ColumnType type, int start, int end) {
        return operand.name() == null || operand.is(Form.CAST)
                ? new Operand(Form.CAST, type, start, end, internalName(type))
                : new Operand(Form.OTHER, type, start, end, operand.name());
    }

    /** Null when the value has the type already, or has got it; else what it is now. */
    private @Nullable ColumnType castInPlace(Operand operand, ColumnType type) {
        if (type.kind() == Kind.UNDECLARED || (type.kind() == Kind.ARRAY && !Comparisons.isKnown(type.element()))) {
            throw DefinitionRules.unknownType(type.declaration());
        }
        if (operand.is(Form.CONSTANT)) {
            typing.resolve(operand, type);
            return null;
        }
        if (operand.is(Form.NULL)) {
            return null;
        }
        if (operand.is(Form.PARAMETER) && !operand.isKnown()) {
            Typing.mustBeParameter(type);
            parameters.define(cursor.tokens.get(operand.start()), type.plain(), false);
            return type.length() < 0 ? null : type.plain();
        }
        ColumnType source = numbers.argument(operand).type();
        if (!isCast(source, type)) {
            throw Refusal.of("cannot cast type " + source.pgName() + " to " + type.pgName(), "42846");
        }
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
        boolean exact = NumberTypes.isExact(source) && NumberTypes.isExact(type) && type.scale() < 0;
        return wider || exact || source.equals(type) ? null : source;
    }

    /** Whether PostgreSQL casts one to the other. */
    private static boolean isCast(ColumnType source, ColumnType target) {
        Set<Kind> kinds = EnumSet.of(source.kind(), target.kind());
        boolean anything = source.kind() == Kind.UNDECLARED || source.kind() == Kind.ARRAY || kinds.contains(TEXT);
        boolean time = TypeRules.isTime(source) && source.kind() != Kind.DATE && target.kind() == Kind.TIME;
        boolean ofJson = source.kind() == Kind.JSONB && (TypeRules.isNumber(target) || target.kind() == BOOLEAN);
        return anything
                || TypeRules.areComparable(source, target)
                || time
                || ofJson
                || kinds.equals(Set.of(BOOLEAN, INTEGER))
                || kinds.equals(Set.of(Kind.TIME, Kind.INTERVAL))
                || kinds.equals(Set.of(Kind.JSON, Kind.JSONB))
                || target.kind() == Kind.ARRAY;
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
            typing.resolve(value, column, true);
            return;
        }
        if (!value.isKnown() || fits(value, column)) {
            return;
        }
        ColumnType type = numbers.argument(value).type();
        mustBeAssignable(type, column, name);
        if (value.is(Form.NUMBER) && TypeRules.isNumber(column)) {
            numbers.write(value, SqlCasts.constant(numbers.text(value), column, type));
            return;
        }
        edits.wrap(value, "assign_to(", assignedTo(column, type));
    }

    /** As {@link #assign} does it, for a value of which there is only the text for SQLite. */
    static String assigned(String value, ColumnType type, ColumnType column, String name) {
        if (column.kind() == Kind.UNDECLARED || type.kind() == Kind.UNDECLARED) {
            return value;
        }
        mustBeAssignable(type, column, name);
        return "assign_to(" + value + assignedTo(column, type);
    }

    private static String assignedTo(ColumnType column, ColumnType type) {
        return ", '" + column.asStored() + "'" + source(type) + ")";
    }

    private static void mustBeAssignable(ColumnType type, ColumnType column, String name) {
        if (!canBeAssigned(type, column)) {
            throw Refusal.of(
                    "column \"" + name + "\" is of type " + column.pgName() + " but expression is of type "
                            + type.pgName(),
                    "42804");
        }
    }

    /** Whether the value needs no check of its own. */
    private static boolean fits(Operand value, ColumnType column) {
        ColumnType type = value.type();
        if (value.is(Form.PARAMETER)) {
            return type.kind() == column.kind() && type.approximate() == column.approximate();
        }
        if (column.kind() != type.kind()) {
            return value.is(Form.NUMBER)
                    && type.kind() == INTEGER
                    && (column.kind() == BIGINT || TypeRules.isFloating(column));
        }
        return switch (column.kind()) {
            case SMALLINT, INTEGER, BIGINT -> !value.is(Form.COMPOUND);
            case NUMERIC ->
                type.equals(column) || (NumberTypes.isExact(type) && NumberTypes.isExact(column) && column.scale() < 0);
            case TEXT, TIME, TIMESTAMP, TIMESTAMPTZ -> column.length() < 0 || column.equals(type);
            default -> true;
        };
    }

    /** Writes a value as PostgreSQL's text of it. */
    void asText(Operand operand) {
        if (operand.isUntyped()) {
            typing.resolve(operand, ColumnType.of(TEXT));
            return;
        }
        switch (operand.type().kind()) {
            case BOOLEAN, REAL, DOUBLE, TIMESTAMPTZ ->
                edits.wrap(operand, "cast_to(", ", 'text'" + source(operand.type()) + ")");
            case NUMERIC -> numbers.exact(operand);
            default -> {
                if (operand.is(Form.COMPOUND)) {
                    edits.wrap(operand, "(", ")"); // || binds tighter in SQLite
                }
            }
        }
    }

    Operand castOperator(Operand operand) {
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
            edits.after(end - 1, ", '" + type.asStored() + "'" + source(needed) + ")");
        }
        return cast(operand, type, operand.start(), end);
    }

    Operand castCall() {
        int start = cursor.position();
        cursor.moveTo(start + 2);
        Operand operand = expressions.parse();
        int as = cursor.position();
        int end = endOfType(as + 1);
        ColumnType type = ColumnType.of(typeText(Math.min(as + 1, end), end));
        cursor.moveTo(end);
        cursor.acceptSymbol(")");
        ColumnType needed = castInPlace(operand, type);
        edits.remove(as, end);
        edits.replace(start, needed == null ? "" : "cast_to");
        if (needed != null) {
            edits.after(end - 1, ", '" + type.asStored() + "'" + source(needed));
        }
        return cast(operand, type, start, cursor.position());
    }

    private static String source(ColumnType source) {
        return source.kind() == Kind.UNDECLARED || source.kind() == TEXT
                ? ""
                : ", '" + source.plain().asStored() + "'";
    }

    static String internalName(ColumnType type) {
        if (type.kind() == TEXT && type.declaration().contains("char")) {
            return type.declaration().startsWith("char(") ? "bpchar" : "varchar";
        }
        return INTERNAL_NAMES.getOrDefault(type.kind(), type.plain().declaration());
    }

    private static boolean canBeAssigned(ColumnType type, ColumnType column) {
        return TypeRules.areComparable(type, column)
                || column.kind() == TEXT
                || (type.kind() == JSON && column.kind() == JSONB)
                || (type.kind() == JSONB && column.kind() == JSON);
    }
}
