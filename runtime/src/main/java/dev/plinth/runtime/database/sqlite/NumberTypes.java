package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.REAL;

import dev.plinth.runtime.database.sqlite.Operand.Form;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns numbers into those of another type where NUMERIC, which SQLite keeps as text, is used with others: numbers beside a
 * NUMERIC become text as well, and a NUMERIC beside a floating number becomes one.
 */
final class NumberTypes {

    private static final ColumnType EXACT = ColumnType.of(NUMERIC);

    /** Of a constant that a double gives back as it was. */
    private static final int MOST_DIGITS = 15;

    private final TokenCursor cursor;
    private final TokenEdits edits;

    NumberTypes(TokenCursor cursor, TokenEdits edits) {
        this.cursor = cursor;
        this.edits = edits;
    }

    static boolean isExact(ColumnType type) {
        return type.kind() == NUMERIC && !type.approximate();
    }

    /** A number as it is written in the statement. */
    Operand constant(int index) {
        String digits = digits(cursor.tokens.get(index));
        ColumnType type = typeOf(digits);
        if (isExact(type)) {
            edits.replace(index, quoted(digits));
        } else if (!digits.equals(cursor.tokens.get(index).text())) {
            edits.replace(index, digits);
        }
        return new Operand(Form.NUMBER, type, index, index + 1, null);
    }

    private static String digits(SqlToken token) {
        String digits = token.text().replace("_", "");
        return digits.matches("0[xX]\\p{XDigit}+") ? new BigInteger(digits.substring(2), 16).toString() : digits;
    }

    private static ColumnType typeOf(String digits) {
        if (!digits.matches("-?[0-9]+")) {
            return digits.matches("-?[0-9.]+([eE][+-]?[0-9]+)?") ? EXACT : ColumnType.UNDECLARED;
        }
        int bits = new BigInteger(digits).bitLength();
        return bits > 63 ? EXACT : ColumnType.of(bits > 31 ? ColumnType.Kind.BIGINT : ColumnType.Kind.INTEGER);
    }

    private static String quoted(String digits) {
        return "'" + Decimals.text(Decimals.parse(digits)) + "'";
    }

    /** {@code +} or {@code -} before a number. */
    Operand signed(int sign, Operand operand) {
        boolean minus = cursor.tokens.get(sign).isSymbol("-");
        if (operand.is(Form.NUMBER) && operand.end() - operand.start() == 1) {
            return signedConstant(new Operand(Form.NUMBER, operand.type(), sign, operand.end(), null));
        }
        return minus && operand.type().kind() == NUMERIC
                ? negated(sign, exact(operand))
                : new Operand(Form.OTHER, operand.type(), sign, operand.end(), null);
    }

    /** The sign is part of it, so that the least whole numbers are still whole. */
    private Operand signedConstant(Operand constant) {
        ColumnType type = typeOf(text(constant));
        if (isExact(type)) {
            write(constant, quoted(text(constant)));
        } else if (isExact(constant.type())) {
            write(constant, text(constant));
        }
        return constant.typed(type);
    }

    private Operand negated(int sign, Operand operand) {
        edits.replace(sign, "numeric_negate(");
        edits.after(operand.end() - 1, ")");
        return Operand.of(EXACT, sign, operand.end());
    }

    /** As the type that several values have in common. */
    Operand to(ColumnType common, Operand operand) {
        if (isExact(common)) {
            return exact(operand);
        }
        return TypeRules.isFloating(common) ? floating(common, operand) : operand;
    }

    /** Whether one of them is text to SQLite, and the other a number. */
    boolean differ(Operand a, Operand b) {
        return TypeRules.isNumber(a.type()) && TypeRules.isNumber(b.type()) && isExact(a.type()) != isExact(b.type());
    }

    /** Numbers of several types as one, so that they can be compared; in the order in which they are given. */
    List<Operand> alike(List<Operand> operands) {
        boolean numbers = operands.stream().allMatch(operand -> TypeRules.isNumber(operand.type()));
        if (!numbers || operands.stream().noneMatch(operand -> operand.type().kind() == NUMERIC)) {
            operands.stream().filter(operand -> isExact(operand.type())).forEach(this::asStored);
            return operands;
        }
        if (operands.stream().allMatch(this::isStoredAsNumber)) {
            operands.forEach(this::asStored);
            return operands;
        }
        ColumnType common = operands.stream()
                .map(Operand::type)
                .reduce(TypeRules::arithmetic)
                .orElseThrow();
        List<Operand> alike = new ArrayList<>();
        operands.forEach(operand -> alike.add(to(common, operand)));
        return alike;
    }

    /** Whether it is a number to SQLite, or can be written as one that differs by nothing that counts. */
    private boolean isStoredAsNumber(Operand operand) {
        return !isExact(operand.type())
                || (operand.is(Form.NUMBER) && text(operand).length() <= MOST_DIGITS);
    }

    /** A constant as a number of SQLite's own: beside what nothing is known of it is as good as before. */
    Operand asStored(Operand operand) {
        return isExact(operand.type()) && operand.is(Form.NUMBER) ? asNumber(operand) : operand;
    }

    private Operand asNumber(Operand operand) {
        write(operand, text(operand));
        return operand;
    }

    /** Writes a constant anew, its sign included. */
    void write(Operand constant, String text) {
        edits.remove(constant.start(), constant.end() - 1);
        edits.replace(constant.end() - 1, text);
    }

    /** Of a constant, with its sign. */
    String text(Operand operand) {
        boolean minus = false;
        for (int i = operand.start(); i < operand.end() - 1; i++) {
            minus ^= cursor.tokens.get(i).isSymbol("-");
        }
        return (minus ? "-" : "") + digits(cursor.tokens.get(operand.end() - 1));
    }

    /** A whole number as text, and a decimal of an older file with the digits that its column was declared with. */
    Operand exact(Operand operand) {
        ColumnType type = operand.type();
        if (type.approximate()) {
            edits.wrap(operand, "numeric_of(", type.scale() < 0 ? ")" : ", " + type.scale() + ")");
        } else if (TypeRules.isWhole(type)) {
            asText(operand);
        } else {
            return operand;
        }
        return new Operand(
                operand.is(Form.NUMBER) ? Form.NUMBER : Form.OTHER,
                EXACT,
                operand.start(),
                operand.end(),
                operand.name());
    }

    private void asText(Operand operand) {
        if (operand.is(Form.NUMBER)) {
            write(operand, quoted(text(operand)));
        } else {
            edits.wrap(inRange(operand), "CAST(", " AS TEXT)");
        }
    }

    /** As an argument of the functions for NUMERIC, which take any number. */
    Operand argument(Operand operand) {
        return operand.type().approximate() ? exact(operand) : inRange(operand);
    }

    /** What is computed of whole numbers, of which SQLite would take the first digits where there are too many. */
    private Operand inRange(Operand operand) {
        boolean computed = operand.is(Form.COMPOUND) || operand.is(Form.OTHER);
        if (computed && TypeRules.isWhole(operand.type())) {
            edits.wrap(operand, "cast_to(", ", '" + operand.type().asStored() + "')");
        }
        return operand;
    }

    /** A NUMERIC as a floating number. */
    Operand floating(ColumnType type, Operand operand) {
        if (operand.type().kind() != NUMERIC) {
            return operand;
        }
        if (operand.is(Form.NUMBER)) {
            return asNumber(operand).typed(type);
        }
        edits.wrap(operand, "cast_to(", type.kind() == REAL ? ", 'real')" : ", 'double precision')");
        return operand.as(Form.OTHER).typed(type);
    }

    /** Sees to it that SQLite compares and sorts by value. A column does so by its declaration. */
    Operand ordered(Operand operand) {
        if (!isExact(operand.type()) || operand.is(Form.COLUMN)) {
            return operand;
        }
        if (operand.is(Form.COMPOUND)) {
            edits.wrap(operand, "(", ")");
        }
        edits.after(operand.end() - 1, "COLLATE " + DecimalOrder.NAME);
        return operand.as(Form.COLUMN);
    }
}
