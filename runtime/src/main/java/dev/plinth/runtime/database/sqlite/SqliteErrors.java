package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Gives SQLite's errors PostgreSQL's SQLSTATE, and the names of constraint, table and column where SQLite tells them. */
final class SqliteErrors {

    /** What SQLite says, in parentheses behind the driver's own words. */
    private static final Pattern DETAIL = Pattern.compile("\\[\\w+] .*? \\((.*)\\)", Pattern.DOTALL);

    private static final Pattern UNIQUE_INDEX = Pattern.compile("UNIQUE constraint failed: index '(.*)'");
    private static final Pattern COLUMNS = Pattern.compile("(?:UNIQUE|NOT NULL) constraint failed: (.+)");
    private static final Pattern CHECK = Pattern.compile("CHECK constraint failed: (.+)", Pattern.DOTALL);

    /** SQLite has one code for all of these. */
    private static final List<Rule> RULES = List.of(
            rule("no such table: (?<table>.+)", "42P01"),
            rule("no such view: (?<table>.+)", "42P01"),
            rule("no such column: (?<column>.+)", "42703"),
            rule("table (?<table>.+) has no column named (?<column>.+)", "42703"),
            rule("unknown column \"(?<column>.+)\" in foreign key.*", "42703"),
            rule("no such (index|trigger|collation sequence).*", "42704"),
            rule("no such function: .*", "42883"),
            rule("wrong number of arguments to function .*", "42883"),
            rule("no such savepoint: .*", "3B001"),
            rule("ambiguous column name: (?<column>.+)", "42702"),
            rule("duplicate column name: (?<column>.+)", "42701"),
            rule("(table|view|index|there is already an index named) .*already exists", "42P07"),
            rule("(there is already|there is already a table named|view) .*", "42P07"),
            rule("ON CONFLICT clause does not match .*", "42P10"),
            rule("\\d+\\w+ (ORDER|GROUP) BY term out of range.*", "42P10"),
            rule("misuse of (aggregate|window).*", "42803"),
            rule("cannot modify .* because it is a view", "55000"),
            rule("cannot start a transaction within a transaction", "25001"),
            rule("cannot (commit|rollback) - no transaction is active", "25P01"),
            rule("foreign key mismatch.*", "42830"),
            rule("integer overflow", "22003"),
            rule("malformed JSON.*", "22P02"),
            rule("too many SQL variables", "54000"),
            rule("(near .*syntax error|incomplete input|unrecognized token.*)", "42601"),
            rule(".*(values for .* columns|do not have the same number of result columns).*", "42601"));

    private SqliteErrors() {}

    private record Rule(Pattern pattern, String sqlState) {}

    private static Rule rule(String pattern, String sqlState) {
        return new Rule(Pattern.compile(pattern, Pattern.DOTALL), sqlState);
    }

    static StatementException translate(SQLException error) {
        SQLiteErrorCode code = code(error);
        String detail = detail(error);
        return switch (code) {
            case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID ->
                unique(code, detail);
            case SQLITE_CONSTRAINT_NOTNULL -> named(code, detail, "23502", null);
            case SQLITE_CONSTRAINT_CHECK -> named(code, detail, "23514", group(CHECK, detail));
            case SQLITE_CONSTRAINT_FOREIGNKEY -> named(code, detail, "23503", null);
            case SQLITE_CONSTRAINT_TRIGGER -> named(code, detail, "P0001", null);
            case SQLITE_CONSTRAINT_DATATYPE, SQLITE_MISMATCH -> named(code, detail, "22P02", null);
            case SQLITE_ERROR -> byMessage(code, detail);
            default -> named(code, detail, sqlState(code), null);
        };
    }

    /** Whether the file or the disk is at fault, not the statement. */
    static boolean isDiskFault(SQLException error) {
        return switch (SQLiteErrorCode.getErrorCode(code(error).code & 0xFF)) {
            case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_READONLY -> true;
            default -> false;
        };
    }

    static SQLiteErrorCode code(SQLException error) {
        return error instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
    }

    static String detail(SQLException error) {
        Matcher matcher = DETAIL.matcher(String.valueOf(error.getMessage()));
        return matcher.matches() ? matcher.group(1) : String.valueOf(error.getMessage());
    }

    private static String sqlState(SQLiteErrorCode code) {
        return switch (SQLiteErrorCode.getErrorCode(code.code & 0xFF)) {
            case SQLITE_CONSTRAINT -> "23000";
            case SQLITE_BUSY, SQLITE_LOCKED -> "55P03";
            case SQLITE_READONLY -> "25006";
            case SQLITE_INTERRUPT -> "57014";
            case SQLITE_IOERR -> "58030";
            case SQLITE_CANTOPEN -> "58P01";
            case SQLITE_FULL -> "53100";
            case SQLITE_NOMEM -> "53200";
            case SQLITE_TOOBIG -> "54000";
            case SQLITE_CORRUPT, SQLITE_NOTADB -> "XX001";
            case SQLITE_AUTH, SQLITE_PERM -> "42501";
            default -> "XX000";
        };
    }

    private static StatementException unique(SQLiteErrorCode code, String detail) {
        return named(code, detail, "23505", group(UNIQUE_INDEX, detail));
    }

    private static StatementException named(
            SQLiteErrorCode code, String detail, String sqlState, @Nullable String constraint) {
        String columns = constraint == null ? group(COLUMNS, detail) : null;
        String first = columns == null ? null : columns.split(", ", 2)[0];
        int dot = first == null ? -1 : first.indexOf('.');
        if (first == null || dot < 0) {
            return new StatementException(detail, code.code, sqlState, constraint, null, null);
        }
        String column = sqlState.equals("23502") ? first.substring(dot + 1) : null;
        return new StatementException(detail, code.code, sqlState, constraint, first.substring(0, dot), column);
    }

    private static StatementException byMessage(SQLiteErrorCode code, String detail) {
        for (Rule rule : RULES) {
            Matcher matcher = rule.pattern().matcher(detail);
            if (matcher.matches()) {
                return new StatementException(
                        detail, code.code, rule.sqlState(), null, group(matcher, "table"), group(matcher, "column"));
            }
        }
        return new StatementException(detail, code.code, "42000", null, null, null);
    }

    private static @Nullable String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.matches() ? matcher.group(1) : null;
    }

    private static @Nullable String group(Matcher matcher, String name) {
        return matcher.pattern().pattern().contains("(?<" + name + ">") ? matcher.group(name) : null;
    }
}
