package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BOOLEAN;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.BYTES;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSON;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.JSONB;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.TEXT;

import java.util.Map;
import java.util.Set;

/** Tells what the operators between two values give, but for arithmetic and comparisons. */
final class Operators {

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

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Typing typing;
    private final Casts casts;
    private final Comparisons comparisons;
    private final Arithmetic arithmetic;

    Operators(
            TokenCursor cursor,
            TokenEdits edits,
            Typing typing,
            Casts casts,
            Comparisons comparisons,
            NumberTypes numbers) {
        this.cursor = cursor;
        this.edits = edits;
        this.typing = typing;
        this.casts = casts;
        this.comparisons = comparisons;
        this.arithmetic = new Arithmetic(cursor, edits, typing, numbers);
    }

    Operand binary(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        return switch (symbol) {
            case "=", "<>", "!=", "<", "<=", ">", ">=" -> {
                comparisons.compare(symbol, left, right);
                yield Operand.compound(ColumnType.of(BOOLEAN), left.start(), right.end());
            }
            case "+", "-", "*", "/", "%" -> arithmetic.of(left, operator, right);
            case "^" -> arithmetic.power(left, operator, right);
            case "||" -> concatenation(left, operator, right);
            case "->", "->>" -> member(left, operator, right);
            case "&", "|", "<<", ">>" -> bits(symbol, left, right);
            case "#" ->
                edits.call(
                        "bit_xor",
                        left,
                        operator,
                        right,
                        bits(symbol, left, right).type());
            case "#>", "#>>", "#-", "@>", "<@", "?", "?|", "?&", "~", "~*", "!~", "!~*" ->
                operatorFunction(left, operator, right);
            default -> Operand.compound(ColumnType.UNDECLARED, left.start(), right.end());
        };
    }

    private Operand bits(String symbol, Operand left, Operand right) {
        boolean shift = symbol.equals("<<") || symbol.equals(">>");
        Operand a = typing.resolve(left, shift ? ColumnType.of(INTEGER) : right.type());
        Operand b = typing.resolve(right, shift ? ColumnType.of(INTEGER) : left.type());
        boolean whole = TypeRules.isWhole(a.type()) && TypeRules.isWhole(b.type());
        if (!whole && a.isKnown() && b.isKnown()) {
            throw Refusal.noOperator(a.type(), symbol, b.type());
        }
        ColumnType type = !whole ? ColumnType.UNDECLARED : shift ? a.type() : TypeRules.common(a.type(), b.type());
        return Operand.compound(type, left.start(), right.end());
    }

    private Operand concatenation(Operand left, int operator, Operand right) {
        if (left.type().kind() == BYTES || right.type().kind() == BYTES) {
            return bytes(typing.resolve(left, ColumnType.of(BYTES)), typing.resolve(right, ColumnType.of(BYTES)));
        }
        if (left.type().kind() == JSONB || right.type().kind() == JSONB) {
            typing.resolve(left, ColumnType.of(JSONB));
            typing.resolve(right, ColumnType.of(JSONB));
            return edits.call("jsonb_concat", left, operator, right, ColumnType.of(JSONB));
        }
        boolean noText = left.isKnown()
                && right.isKnown()
                && left.type().kind() != TEXT
                && right.type().kind() != TEXT;
        if (noText) {
            throw Refusal.noOperator(left.type(), "||", right.type());
        }
        casts.asText(left);
        casts.asText(right);
        return Operand.of(ColumnType.of(TEXT), left.start(), right.end());
    }

    /** SQLite gives text. */
    private Operand bytes(Operand left, Operand right) {
        boolean other = (left.isKnown() && left.type().kind() != BYTES)
                || (right.isKnown() && right.type().kind() != BYTES);
        if (other && left.type().kind() != TEXT && right.type().kind() != TEXT) {
            throw Refusal.noOperator(left.type(), "||", right.type());
        }
        if (other) {
            casts.asText(left);
            casts.asText(right);
            return Operand.of(ColumnType.of(TEXT), left.start(), right.end());
        }
        edits.before(left.start(), "CAST((");
        edits.after(right.end() - 1, ") AS BLOB)");
        return Operand.of(ColumnType.of(BYTES), left.start(), right.end());
    }

    private Operand member(Operand left, int operator, Operand right) {
        boolean asText = cursor.tokens.get(operator).isSymbol("->>");
        typing.resolve(right, ColumnType.of(TEXT));
        boolean isDocument =
                !left.isKnown() || Set.of(JSONB, JSON).contains(left.type().kind());
        boolean isPlace = !right.isKnown() || right.type().kind() == TEXT || TypeRules.isWhole(right.type());
        if (!isDocument || !isPlace) {
            throw Refusal.noOperator(left.type(), asText ? "->>" : "->", right.type());
        }
        ColumnType type = asText ? ColumnType.of(TEXT) : left.isKnown() ? left.type() : ColumnType.of(JSONB);
        return Operand.of(type, left.start(), right.end());
    }

    private Operand operatorFunction(Operand left, int operator, Operand right) {
        String symbol = cursor.tokens.get(operator).text();
        boolean json = symbol.contains("@");
        boolean keys = symbol.startsWith("#") || (symbol.length() > 1 && symbol.startsWith("?"));
        typing.resolve(left, ColumnType.of(json || keys || symbol.equals("?") ? JSONB : TEXT));
        typing.resolve(right, keys ? ColumnType.of(TEXT).array() : ColumnType.of(json ? JSONB : TEXT));
        ColumnType type =
                switch (symbol) {
                    case "#>", "#-" -> left.isKnown() ? left.type() : ColumnType.of(JSONB);
                    default -> ColumnType.of(symbol.equals("#>>") ? TEXT : BOOLEAN);
                };
        String function = FUNCTIONS.getOrDefault(symbol, "");
        if (function.startsWith("not ")) {
            edits.call(function.substring(4), left, operator, right, type);
            edits.before(left.start(), "(NOT ");
            edits.after(right.end() - 1, ")");
            return Operand.of(type, left.start(), right.end());
        }
        return edits.call(function, left, operator, right, type);
    }
}
