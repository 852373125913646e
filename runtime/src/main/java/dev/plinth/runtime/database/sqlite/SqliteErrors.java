package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.sql.SQLException;
import java.util.Arrays;
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

    private static final String FOREIGN_KEY = "insert, update or delete violates a foreign key constraint";

    private static final Pattern UNIQUE_INDEX = Pattern.compile("UNIQUE constraint failed: index '(.*)'");
    private static final Pattern MADE_INDEX =
            Pattern.compile("(?i)^create unique index (?:if not exists )?\\[?(.+?)]? on \\[?(.+?)]? ?\\(");

    private static final Pattern COLUMNS = Pattern.compile("(?:UNIQUE|NOT NULL) constraint failed: (.+)");
    private static final Pattern CHECK = Pattern.compile("CHECK constraint failed: (.+)", Pattern.DOTALL);

    /** SQLite has one code for all of these; what follows the SQLSTATE is how PostgreSQL puts it. */
    private static final List<Rule> RULES = List.of(
            rule("no such table: (?:main\\.)?(.+)", "42P01", "relation \"$1\" does not exist"),
            rule("no such view: (.+)", "42P01", "view \"$1\" does not exist"),
            rule("no such column: (.+)", "42703", "column $1 does not exist"),
            rule("table (.+) has no column named (.+)", "42703", "column \"$2\" of relation \"$1\" does not exist"),
            rule(
                    "unknown column \"(.+)\" in foreign key.*",
                    "42703",
                    "column \"$1\" referenced in foreign key constraint does not exist"),
            rule("no such index: (.+)", "42704", "index \"$1\" does not exist"),
            rule("no such (?:trigger|collation sequence): (.+)", "42704", "$0"),
            rule("no such function: (.+)", "42883", "function $1 does not exist", true),
            rule(
                    "wrong number of arguments to function (.+)\\(\\)",
                    "42883",
                    "function $1 does not exist with these arguments"),
            rule("no such savepoint: (.+)", "3B001", "savepoint \"$1\" does not exist"),
            rule("ambiguous column name: (.+)", "42702", "column reference \"$1\" is ambiguous"),
            rule("duplicate column name: (.+)", "42701", "column \"$1\" specified more than once"),
            rule(
                    "(?:table|view|index|there is already an index named|there is already a table named) \\W?(\\w+)\\W? ?.*already exists",
                    "42P07",
                    "relation \"$1\" already exists"),
            rule("(?:there is already|there is already a table named|view) .*", "42P07", "$0"),
            rule(
                    "ON CONFLICT clause does not match .*",
                    "42P10",
                    "there is no unique or exclusion constraint matching the ON CONFLICT specification"),
            rule("(\\d+)\\w+ (ORDER|GROUP) BY term out of range.*", "42P10", "$2 BY position is not in select list"),
            rule("misuse of window.*", "42P20", "$0"),
            rule("no such window: (.+)", "42704", "window \"$1\" does not exist"),
            rule("no tables specified", "42601", "SELECT * with no tables specified is not valid"),
            rule("The prepared statement has been finalized", "42601", "syntax error"),
            rule(
                    "cannot join using column (\\S+) - column not present in both tables",
                    "42703",
                    "column \"$1\" specified in USING clause does not exist in both tables"),
            rule(
                    "error in table (\\S+) after rename: duplicate column name: (.+)",
                    "42701",
                    "column \"$2\" of relation \"$1\" already exists"),
            rule("misuse of aggregate.*|HAVING clause on a non-aggregate query", "42803", "$0"),
            rule(
                    "cannot (?:INSERT into|UPDATE) generated column \"(.+)\"",
                    "428C9",
                    "column \"$1\" is a generated column"),
            rule(
                    "table \"(.+)\" has more than one primary key",
                    "42P16",
                    "multiple primary keys for table \"$1\" are not allowed"),
            rule("row value misused", "42601", "subquery must return only one column"),
            rule("use DROP (?:VIEW|TABLE) to delete (?:view|table) (.+)", "42809", "\"$1\" is not of this kind"),
            rule("cannot modify .* because it is a view", "55000", "$0"),
            rule("cannot start a transaction within a transaction", "25001", "$0"),
            rule("cannot (?:commit|rollback) - no transaction is active", "25P01", "$0"),
            rule("foreign key mismatch.*", "42830", "$0"),
            rule("integer overflow", "22003", "bigint out of range"),
            rule("malformed JSON.*", "22P02", "invalid input syntax for type json"),
            rule("too many SQL variables", "54000", "$0"),
            rule("sub-select returns \\d+ columns.*", "42601", "subquery must return only one column"),
            rule(
                    "Cannot add a (?:column with non-constant default|NOT NULL column with default value NULL).*",
                    "0A000",
                    "$0",
                    true),
            rule("near \"(.*)\": syntax error", "42601", "syntax error at or near \"$1\"", true),
            rule("incomplete input", "42601", "syntax error at end of input"),
            rule("unrecognized token: (.*)", "42601", "syntax error at or near $1", true),
            rule(".*(?:values for .* columns|do not have the same number of result columns).*", "42601", "$0"));

    private SqliteErrors() {}

    /** @param variants whether PostgreSQL may know what SQLite does not */
    private record Rule(Pattern pattern, String sqlState, String message, boolean variants) {

        StatementException error(SQLiteErrorCode code, Matcher matcher) {
            String text = matcher.replaceFirst(message);
            return new StatementException(
                    variants ? Refusal.withVariants(text) : text, code.code, sqlState, null, null, null);
        }
    }

    private static Rule rule(String pattern, String sqlState, String message) {
        return rule(pattern, sqlState, message, false);
    }

    private static Rule rule(String pattern, String sqlState, String message, boolean variants) {
        return new Rule(Pattern.compile(pattern, Pattern.DOTALL), sqlState, message, variants);
    }

    static StatementException translate(SQLException error) {
        SQLiteErrorCode code = code(error);
        String detail = detail(error);
        return switch (code) {
            case SQLITE_CONSTRAINT_NOTNULL -> notNull(code, detail);
            case SQLITE_CONSTRAINT_FOREIGNKEY -> plain(code, FOREIGN_KEY, "23503");
            case SQLITE_CONSTRAINT_TRIGGER ->
                isForeignKey(error) ? plain(code, FOREIGN_KEY, "23503") : plain(code, detail, "P0001");
            case SQLITE_CONSTRAINT_DATATYPE, SQLITE_MISMATCH -> plain(code, detail, "22P02");
            case SQLITE_ERROR -> byMessage(code, detail);
            default -> plain(code, detail, sqlState(code));
        };
    }

    static boolean isUnique(SQLException error) {
        return switch (code(error)) {
            case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID -> true;
            default -> false;
        };
    }

    /** A value that is there already. */
    static StatementException unique(SQLException error, UniqueNames names, @Nullable String target)
            throws SQLException {
        String detail = detail(error);
        @Nullable String index = group(UNIQUE_INDEX, detail);
        @Nullable String columns = group(COLUMNS, detail);
        if (index != null || columns == null || columns.indexOf('.') < 0) {
            return unique(error, index, target);
        }
        String table = columns.substring(0, columns.indexOf('.'));
        List<String> all = Arrays.stream(columns.split(", "))
                .map(column -> column.substring(column.indexOf('.') + 1))
                .toList();
        return unique(error, names.of(table, all), table);
    }

    /** An index that cannot be made, as rows share a place in it already. */
    static StatementException uniqueIndex(SQLException error, String definition) {
        Matcher matcher = MADE_INDEX.matcher(definition);
        boolean known = matcher.find();
        @Nullable String index = known ? matcher.group(1) : null;
        @Nullable String table = known ? matcher.group(2) : null;
        return unique(error, index, table);
    }

    private static StatementException unique(SQLException error, @Nullable String constraint, @Nullable String table) {
        String message = "duplicate key value violates unique constraint \"" + constraint + "\"";
        return new StatementException(message, code(error).code, "23505", constraint, table, null);
    }

    /** Whether the file or the disk is at fault, not the statement. */
    static boolean isDiskFault(SQLException error) {
        return switch (SQLiteErrorCode.getErrorCode(code(error).code & 0xFF)) {
            case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_READONLY -> true;
            default -> false;
        };
    }

    /** Whether what is in the file cannot be right. */
    static boolean isDamage(SQLException error) {
        return switch (SQLiteErrorCode.getErrorCode(code(error).code & 0xFF)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB -> true;
            default -> false;
        };
    }

    /** Whether another program has the file locked: nobody else writes here. */
    static boolean isHeldElsewhere(SQLException error) {
        return SQLiteErrorCode.getErrorCode(code(error).code & 0xFF) == SQLiteErrorCode.SQLITE_BUSY;
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

    private static StatementException plain(SQLiteErrorCode code, String message, String sqlState) {
        return new StatementException(message, code.code, sqlState, null, null, null);
    }

    private static StatementException notNull(SQLiteErrorCode code, String detail) {
        String[] parts = String.valueOf(group(COLUMNS, detail)).split("\\.", 2);
        String column = parts[parts.length - 1];
        return new StatementException(
                "null value in column \"" + column + "\" of relation \"" + parts[0] + "\" violates not-null constraint",
                code.code,
                "23502",
                null,
                parts[0],
                column);
    }

    static boolean isForeignKey(SQLException error) {
        // ON DELETE RESTRICT is a trigger of SQLite's own.
        return code(error) == SQLiteErrorCode.SQLITE_CONSTRAINT_FOREIGNKEY
                || (code(error) == SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER
                        && detail(error).equals("FOREIGN KEY constraint failed"));
    }

    /** A row that refers to none, or is still referred to. SQLite does not say which. */
    static StatementException foreignKey(
            SQLException error, ForeignKeyNames.@Nullable Key key, SqlStatement statement) {
        SqlToken first = statement.tokens().get(0);
        if (first.isWord("drop")) {
            return plain(code(error), "cannot drop the table because rows of other tables depend on it", "2BP01");
        }
        if (first.isWord("truncate")) {
            return plain(code(error), "cannot truncate a table referenced in a foreign key constraint", "0A000");
        }
        if (key == null) {
            return plain(code(error), FOREIGN_KEY, "23503");
        }
        String message = key.isOfChanged()
                ? "insert or update on table \"" + key.table() + "\" violates foreign key constraint \"" + key.name()
                        + "\""
                : "update or delete on table \"" + key.changed() + "\" violates foreign key constraint \"" + key.name()
                        + "\" on table \"" + key.table() + "\"";
        return new StatementException(message, code(error).code, "23503", key.name(), key.table(), null);
    }

    /** Whether a key that is a row's number was to become null: anything else that is no number was refused before. */
    static boolean isNoKey(SQLException error) {
        return code(error) == SQLiteErrorCode.SQLITE_MISMATCH;
    }

    static StatementException noKey(SQLException error, String table, @Nullable String column) {
        return notNull(code(error), "NOT NULL constraint failed: " + table + "." + column);
    }

    static boolean isCheck(SQLException error) {
        return code(error) == SQLiteErrorCode.SQLITE_CONSTRAINT_CHECK;
    }

    /** A value that a CHECK refuses. */
    static StatementException check(SQLException error, @Nullable String target) {
        @Nullable String constraint = group(CHECK, detail(error));
        return new StatementException(
                "new row for relation \"" + target + "\" violates check constraint \"" + constraint + "\"",
                code(error).code,
                "23514",
                constraint,
                target,
                null);
    }

    private static StatementException byMessage(SQLiteErrorCode code, String detail) {
        for (Rule rule : RULES) {
            Matcher matcher = rule.pattern().matcher(detail);
            if (matcher.matches()) {
                return rule.error(code, matcher);
            }
        }
        return plain(code, detail, "42000");
    }

    private static @Nullable String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.matches() ? matcher.group(1) : null;
    }
}
