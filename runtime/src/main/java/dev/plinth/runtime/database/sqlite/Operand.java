package dev.plinth.runtime.database.sqlite;

import org.jspecify.annotations.Nullable;

/**
 * A part of a statement that gives a value.
 *
 * @param type undeclared when it cannot be told
 * @param start of its first token
 * @param end behind its last token
 * @param name of its column in a result; null when PostgreSQL would not name it
 */
record Operand(Form form, ColumnType type, int start, int end, @Nullable String name) {

    enum Form {
        /** A text constant, which takes the type of what it is used with. */
        CONSTANT,
        NULL,
        /** {@code $n}, which takes the type of what it is used with. */
        PARAMETER,
        NUMBER,
        /** Operators with operands, so that parentheses may be needed around it. */
        COMPOUND,
        /** A column, or what has a collation as one has: SQLite compares and sorts it as its type wants. */
        COLUMN,
        /** A cast, whose name gives way to that of a cast around it. */
        CAST,
        OTHER
    }

    static Operand of(ColumnType type, int start, int end) {
        return new Operand(Form.OTHER, type, start, end, null);
    }

    static Operand compound(ColumnType type, int start, int end) {
        return new Operand(Form.COMPOUND, type, start, end, null);
    }

    Operand named(@Nullable String newName) {
        return new Operand(form, type, start, end, newName);
    }

    Operand as(Form newForm) {
        return new Operand(newForm, type, start, end, name);
    }

    Operand typed(ColumnType newType) {
        return new Operand(form, newType, start, end, name);
    }

    boolean is(Form other) {
        return form == other;
    }

    /** Whether it takes the type of what it is used with. */
    boolean isUntyped() {
        return !isKnown() && (form == Form.CONSTANT || form == Form.NULL || form == Form.PARAMETER);
    }

    boolean isKnown() {
        return type.kind() != ColumnType.Kind.UNDECLARED;
    }
}
