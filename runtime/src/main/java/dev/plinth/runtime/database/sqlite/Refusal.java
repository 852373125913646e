package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;

/** Errors with PostgreSQL's SQLSTATE, for what SQLite would do differently. */
final class Refusal {

    private static final String VARIANTS =
            "; where SQL must differ, ask context.dialect(), or write the migration as .sqlite.sql and .pg.sql";

    private Refusal() {}

    static StatementException of(String message, String sqlState) {
        return new StatementException(message, 0, sqlState, null, null, null);
    }

    /** What SQLite has not, and PostgreSQL has. */
    static StatementException unsupported(String what) {
        return of(what + VARIANTS, "0A000");
    }

    /** SQLite's own complaint about a text that PostgreSQL may well understand. */
    static String withVariants(String message) {
        return message + VARIANTS;
    }

    static StatementException noOperator(ColumnType left, String operator, ColumnType right) {
        return of("operator does not exist: " + left.pgName() + " " + operator + " " + right.pgName(), "42883");
    }
}
