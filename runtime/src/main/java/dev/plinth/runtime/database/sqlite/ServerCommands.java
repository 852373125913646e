package dev.plinth.runtime.database.sqlite;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Commands that PostgreSQL knows and SQLite does not. */
final class ServerCommands {

    private static final Set<String> UNKNOWN = Set.of(
            "call",
            "checkpoint",
            "close",
            "cluster",
            "copy",
            "deallocate",
            "declare",
            "discard",
            "do",
            "execute",
            "fetch",
            "grant",
            "import",
            "listen",
            "load",
            "merge",
            "move",
            "notify",
            "prepare",
            "reassign",
            "refresh",
            "reset",
            "revoke",
            "security",
            "set",
            "show",
            "unlisten");

    /** What can be altered on both. */
    private static final Set<String> ALTERED = Set.of("table");

    private ServerCommands() {}

    /** Fails with SQLSTATE 0A000 for what SQLite cannot do. */
    static void check(List<SqlToken> statement) {
        SqlToken first = statement.get(0);
        if (first.isAnyWord(UNKNOWN) && !isIsolation(statement)) {
            throw unknown(first.text());
        }
        if (first.isWord("explain") && !SqlTokens.isWordAt(statement, 1, "query")) {
            throw Refusal.unsupported("SQLite has a plan of its own, shown by EXPLAIN QUERY PLAN, and no EXPLAIN");
        }
        if (first.isWord("alter") && statement.size() > 1 && !statement.get(1).isAnyWord(ALTERED)) {
            throw unknown("alter " + statement.get(1).text());
        }
        if (SqlTokens.areWordsAt(statement, 0, "create", "materialized")) {
            throw unknown("create materialized view");
        }
    }

    /** Transactions follow one another, which is more than any level of isolation asks for. */
    private static boolean isIsolation(List<SqlToken> statement) {
        return SqlTokens.areWordsAt(statement, 0, "set", "transaction", "isolation", "level");
    }

    private static RuntimeException unknown(String command) {
        return Refusal.unsupported("SQLite has no " + command.toUpperCase(Locale.ROOT));
    }

    /**
     * What runs in place of a comment, of a level of isolation, or of a lock in a transaction, which has the database for itself anyway. Fails when the tables or columns that it names are missing.
     */
    static String inPlaceOf(List<SqlToken> statement, Translator.TableColumns tables) {
        if (statement.get(0).isWord("lock")) {
            lock(statement, tables);
        } else if (!isIsolation(statement)) {
            comment(statement, tables);
        }
        return "SELECT 1 WHERE FALSE";
    }

    private static void lock(List<SqlToken> statement, Translator.TableColumns tables) {
        for (List<SqlToken> part : SqlTokens.splitAtCommas(statement.subList(1, statement.size()))) {
            TokenCursor cursor = new TokenCursor(part);
            cursor.accept("table");
            cursor.accept("only");
            columns(name(cursor), tables);
        }
    }

    private static void comment(List<SqlToken> statement, Translator.TableColumns tables) {
        TokenCursor cursor = new TokenCursor(statement);
        cursor.moveTo(2);
        String kind = cursor.next().text();
        String name = name(cursor);
        if (Set.of("table", "view").contains(kind)) {
            columns(name, tables);
        } else if (kind.equals("column")) {
            String table = cursor.peek(-3).text();
            if (columns(table, tables).stream().noneMatch(column -> name.equals(column.name()))) {
                throw Refusal.of("column \"" + name + "\" of relation \"" + table + "\" does not exist", "42703");
            }
        }
    }

    /** The last part of a name with dots. */
    private static String name(TokenCursor cursor) {
        String name = cursor.next().text();
        while (cursor.acceptSymbol(".")) {
            name = cursor.next().text();
        }
        return name;
    }

    private static List<Scope.Output> columns(String table, Translator.TableColumns tables) {
        @Nullable List<Scope.Output> columns = tables.columns(table);
        if (columns == null) {
            throw Refusal.of("relation \"" + table + "\" does not exist", "42P01");
        }
        return columns;
    }
}
