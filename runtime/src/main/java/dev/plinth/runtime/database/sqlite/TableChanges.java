package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an ALTER TABLE with one action, its expressions already written for SQLite, that SQLite cannot do itself. */
final class TableChanges {

    private static final Set<ColumnType.Kind> WHOLE =
            Set.of(ColumnType.Kind.SMALLINT, ColumnType.Kind.INTEGER, ColumnType.Kind.BIGINT);

    private final TokenCursor cursor;
    private final Translator.TableColumns tables;
    private final String table;
    private final StoredTable stored;

    private TableChanges(TokenCursor cursor, String table, String definition, Translator.TableColumns tables) {
        this.cursor = cursor;
        this.tables = tables;
        this.table = table;
        this.stored = new StoredTable(table, definition);
    }

    /** Null for what SQLite can do, or has to say something of. */
    static @Nullable TableChange of(List<SqlToken> tokens, Translator.TableColumns tables) {
        TokenCursor cursor = new TokenCursor(tokens);
        if (!cursor.accept("alter", "table")) {
            return null;
        }
        cursor.accept("only");
        String table = cursor.next().text();
        while (cursor.acceptSymbol(".")) {
            table = cursor.next().text();
        }
        String definition = tables.definition(table);
        if (definition == null && tables.columns(table) == null) {
            throw Refusal.of("relation \"" + table + "\" does not exist", "42P01");
        }
        return definition == null ? null : new TableChanges(cursor, table, definition, tables).read();
    }

    private @Nullable TableChange read() {
        if (cursor.accept("alter")) {
            cursor.accept("column");
            return alter(cursor.next().text());
        }
        if (cursor.accept("rename", "constraint")) {
            return rename(cursor.next().text());
        }
        if (cursor.accept("drop", "constraint")) {
            return dropConstraint();
        }
        if (cursor.accept("drop")) {
            cursor.accept("column");
            return dropColumn(cursor.next().text());
        }
        return cursor.accept("add") ? add() : null;
    }

    private TableChange alter(String name) {
        Output column = column(name);
        if (cursor.accept("set", "not", "null")) {
            return becomes(stored.withNotNull(name, true), noNulls(name));
        }
        if (cursor.accept("drop", "not", "null")) {
            if (column.key()) {
                throw Refusal.of("column \"" + name + "\" is in a primary key", "42P16");
            }
            return becomes(stored.withNotNull(name, false), null);
        }
        if (cursor.accept("drop", "default")) {
            return defaults(name, null);
        }
        if (cursor.areWords("set", "default")) {
            cursor.next();
            return defaults(name, rest());
        }
        cursor.accept("set", "data");
        if (cursor.accept("type")) {
            return type(column.type(), name);
        }
        throw Refusal.unsupported("SQLite cannot change this of a column");
    }

    /** Rows that are older than a column have none of it in them, but show its default: they get what they show now. */
    private TableChange defaults(String column, @Nullable String value) {
        List<String> steps = new ArrayList<>();
        steps.add("UPDATE " + written(table) + " SET " + written(column) + " = " + written(column));
        steps.addAll(changes(stored.withDefault(column, value)));
        return new TableChange(steps, null);
    }

    private Output column(String name) {
        return columns().stream()
                .filter(column -> name.equals(column.name()))
                .findFirst()
                .orElseThrow(() ->
                        Refusal.of("column \"" + name + "\" of relation \"" + table + "\" does not exist", "42703"));
    }

    private List<Output> columns() {
        return Objects.requireNonNull(tables.columns(table), table);
    }

    private TableChange.Check noNulls(String column) {
        // SQLite would not look for null in a column that must not have it.
        return check(
                "typeof(" + written(column) + ") = 'null'",
                "column \"" + column + "\" of relation \"" + table + "\" contains null values",
                "23502",
                null,
                column);
    }

    private TableChange.Check check(
            String condition, String message, String sqlState, @Nullable String constraint, @Nullable String column) {
        return new TableChange.Check(
                "SELECT 1 FROM " + written(table) + " WHERE " + condition,
                new StatementException(
                        message, 0, sqlState, constraint, sqlState.startsWith("23") ? table : null, column));
    }

    /** To a type whose values are kept alike. */
    private TableChange type(ColumnType old, String name) {
        ColumnType type = ColumnType.of(typeOnly(name));
        boolean whole = WHOLE.contains(type.kind()) && WHOLE.contains(old.kind());
        boolean text = type.kind() == ColumnType.Kind.TEXT && old.kind() == type.kind();
        if (!whole && !text && !isWider(type, old)) {
            throw Refusal.unsupported("SQLite cannot change a column from " + old.pgName() + " to "
                    + SqlRewriter.text(cursor.tokens.subList(cursor.position(), cursor.tokens.size()))
                    + ": add another, fill it with UPDATE, drop the old one and rename the new one");
        }
        if (tables.isUsedByView(table)) {
            throw Refusal.unsupported(
                    "SQLite cannot change the type of a column of a table with views: drop them first");
        }
        return becomes(stored.withType(name, type.asStored()), fits(type, name));
    }

    /** USING may say no more than what happens anyway. */
    private String typeOnly(String name) {
        int start = cursor.position();
        cursor.skipTo(Set.of("using"));
        String type = SqlRewriter.text(cursor.tokens.subList(start, cursor.position()));
        String plain = name + "::" + type;
        if (cursor.accept("using") && !Set.of(plain, name).contains(rest().replace(" :: ", "::"))) {
            throw Refusal.unsupported("SQLite cannot change a column by USING");
        }
        cursor.moveTo(start);
        return type;
    }

    private static boolean isWider(ColumnType type, ColumnType old) {
        boolean digits =
                type.length() < 0 || (old.length() > 0 && type.length() >= old.length() && type.scale() == old.scale());
        return type.kind() == ColumnType.Kind.NUMERIC && old.kind() == type.kind() && !old.approximate() && digits;
    }

    private TableChange.@Nullable Check fits(ColumnType type, String name) {
        String column = written(name);
        return switch (type.kind()) {
            case SMALLINT ->
                check(column + " NOT BETWEEN -32768 AND 32767", type.pgName() + " out of range", "22003", null, null);
            case INTEGER ->
                check(
                        column + " NOT BETWEEN -2147483648 AND 2147483647",
                        type.pgName() + " out of range",
                        "22003",
                        null,
                        null);
            case TEXT ->
                type.length() < 0
                        ? null
                        : check(
                                "length(" + column + ") > " + type.length(),
                                "value too long for type " + type.pgName() + "(" + type.length() + ")",
                                "22001",
                                null,
                                null);
            default -> null;
        };
    }

    private @Nullable TableChange add() {
        int action = cursor.position();
        String name = cursor.accept("constraint") ? cursor.next().text() : null;
        if (cursor.isWord("check")) {
            return addCheck(name);
        }
        if (cursor.isWord("foreign")) {
            return addForeignKey(name);
        }
        cursor.moveTo(action);
        cursor.accept("column");
        return addColumn();
    }

    private TableChange addCheck(@Nullable String name) {
        SqlToken last = cursor.tokens.get(cursor.tokens.size() - 1);
        if (!last.isSymbol(")")) {
            throw Refusal.unsupported("SQLite has no " + last.text() + " of a constraint");
        }
        Set<String> names = new HashSet<>();
        columns().forEach(column -> names.add(String.valueOf(column.name())));
        String condition = rest().substring("check".length());
        String called = free(name, new CheckNames(table, names).base(cursor.tokens, cursor.position()));
        return becomes(
                stored.withConstraint("constraint " + written(called) + " check" + condition),
                check(
                        "NOT " + condition,
                        "check constraint \"" + called + "\" of relation \"" + table + "\" is violated by some row",
                        "23514",
                        called,
                        null));
    }

    /** The name that was given, or else the first that is free. */
    private String free(@Nullable String given, String base) {
        if (given != null && (stored.hasConstraint(given) || tables.isUniqueIndex(table, given))) {
            throw Refusal.of("constraint \"" + given + "\" for relation \"" + table + "\" already exists", "42710");
        }
        String name = given == null ? base : given;
        for (int i = 1; stored.hasConstraint(name); i++) {
            name = base + i;
        }
        return name;
    }

    private TableChange addForeignKey(@Nullable String name) {
        if (cursor.tokens.get(cursor.tokens.size() - 1).isWord("valid")) {
            throw Refusal.unsupported("SQLite has no NOT VALID of a constraint");
        }
        int open = cursor.position() + 2;
        StringBuilder base = new StringBuilder(table);
        for (SqlToken token : cursor.tokens.subList(open, SqlTokens.closing(cursor.tokens, open))) {
            base.append(token.isName() ? "_" + token.text() : "");
        }
        String called = free(name, base + "_fkey");
        return becomes(
                stored.withConstraint("constraint " + written(called) + " " + rest()),
                new TableChange.Check(
                        "SELECT 1 FROM pragma_foreign_key_check(" + quoted(table) + ")",
                        new StatementException(
                                "insert or update on table \"" + table + "\" violates foreign key constraint \""
                                        + called + "\"",
                                0,
                                "23503",
                                called,
                                table,
                                null)));
    }

    /** One that SQLite adds to an empty table only: with a default that it has to compute, or with none and NOT NULL. */
    private @Nullable TableChange addColumn() {
        List<SqlToken> column = cursor.tokens.subList(cursor.position(), cursor.tokens.size());
        String name = column.get(0).text();
        int value = index(column, "default") + 1;
        boolean computed = value > 0 && SqlTokens.isSymbolAt(column, value, "(");
        boolean notNull = value == 0 && isNotNull(column);
        if (tables.columns(table) == null
                || columns().stream().anyMatch(known -> name.equals(known.name()))
                || (!computed && !notNull)) {
            return null;
        }
        List<String> steps = new ArrayList<>(changes(stored.withColumn(SqlRewriter.text(column))));
        if (computed) {
            String text = SqlRewriter.text(column.subList(value, SqlTokens.closing(column, value) + 1));
            steps.add("UPDATE " + written(table) + " SET " + written(name) + " = " + text);
        }
        return new TableChange(steps, notNull ? noNulls(name) : null);
    }

    private static int index(List<SqlToken> tokens, String word) {
        for (int i = 1; i < tokens.size(); i++) {
            if (tokens.get(i).isWord(word)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isNotNull(List<SqlToken> column) {
        int not = index(column, "not");
        return SqlTokens.areWordsAt(column, not, "not", "null") && index(column, "generated") < 0;
    }

    private TableChange rename(String name) {
        cursor.accept("to");
        String newName = cursor.next().text();
        if (tables.isUniqueIndex(table, name)) {
            throw Refusal.unsupported(
                    "SQLite cannot rename a UNIQUE constraint that was added to its table: drop it, and add another");
        }
        String renamed = stored.withConstraintRenamed(name, free(newName, newName));
        if (renamed == null) {
            throw missing(name);
        }
        return becomes(renamed, null);
    }

    private RuntimeException missing(String name) {
        return Refusal.of("constraint \"" + name + "\" of relation \"" + table + "\" does not exist", "42704");
    }

    private TableChange dropConstraint() {
        boolean ifExists = cursor.accept("if", "exists");
        String name = cursor.next().text();
        if (tables.isUniqueIndex(table, name)) {
            // One that was added to the table later is an index.
            return new TableChange(List.of("DROP INDEX " + written(name)), null);
        }
        String without = stored.withoutConstraint(name);
        if (without == null && !ifExists) {
            throw missing(name);
        }
        return without == null ? new TableChange(List.of(), null) : becomes(without, null);
    }

    /** With the indexes and constraints on it, which go with it on PostgreSQL. */
    private @Nullable TableChange dropColumn(String name) {
        if (stored.isInKey(name)) {
            throw Refusal.unsupported("SQLite cannot drop a column of a key that was made with its table");
        }
        List<String> steps = new ArrayList<>();
        for (String index : tables.indexesOn(table, name)) {
            steps.add("DROP INDEX " + written(index));
        }
        String without = stored.withoutConstraintsOn(name);
        if (without != null) {
            steps.addAll(changes(without));
        }
        if (steps.isEmpty()) {
            return null;
        }
        steps.add("ALTER TABLE " + written(table) + " DROP COLUMN " + written(name));
        return new TableChange(steps, null);
    }

    private TableChange becomes(String definition, TableChange.@Nullable Check check) {
        return new TableChange(changes(definition), check);
    }

    private List<String> changes(String definition) {
        return List.of(
                // A text that SQLite does not understand must not get among its own tables.
                "CREATE TEMP TABLE " + definition.substring("CREATE TABLE ".length()),
                "DROP TABLE temp." + written(table),
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = " + quoted(definition) + " WHERE type = 'table' AND name = "
                        + quoted(table),
                "PRAGMA schema_version = " + (tables.version() + 1),
                "PRAGMA writable_schema = OFF");
    }

    private String rest() {
        return SqlRewriter.text(cursor.tokens.subList(cursor.position(), cursor.tokens.size()));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String written(String name) {
        return SqlRewriter.writeName(name);
    }
}
