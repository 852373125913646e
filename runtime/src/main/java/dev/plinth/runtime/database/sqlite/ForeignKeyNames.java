package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds which foreign key a statement violates, of which SQLite tells nothing. */
final class ForeignKeyNames {

    private final Tables.Lookup lookup;
    private final DeclaredNames declared;

    ForeignKeyNames(Tables.Lookup lookup) {
        this.lookup = lookup;
        this.declared = new DeclaredNames(lookup);
    }

    /**
     * A foreign key.
     *
     * @param name as it was declared, or else as PostgreSQL would call it
     * @param table that has it
     * @param changed the table that the statement changes
     * @param orphans asks for a row that refers to nothing
     * @param restricts whether it is checked at once, though the others may be left until later
     */
    record Key(String name, String table, String changed, String orphans, boolean restricts) {

        boolean isOfChanged() {
            return table.equals(changed);
        }
    }

    /** A key in the database: its table, the one it refers to, and the columns of both. */
    private record Declared(
            String table,
            String parent,
            List<String> columns,
            List<String> parentColumns,
            String onDelete,
            String onUpdate) {

        boolean restricts(boolean deletes) {
            return (deletes ? onDelete : onUpdate).equals("RESTRICT");
        }

        /** Whether rows that refer to one that goes away are in its way. */
        boolean isRefused(boolean deletes) {
            return Set.of("NO ACTION", "RESTRICT").contains(deletes ? onDelete : onUpdate);
        }
    }

    /** Those that a statement may violate, those that were made first before others of their table. */
    List<Key> possible(SqlStatement statement) throws SQLException {
        String changed = statement.target();
        if (changed == null) {
            return List.of();
        }
        boolean inserts = statement.tokens().get(0).isWord("insert");
        boolean deletes = statement.tokens().get(0).isWord("delete");
        List<Key> possible = new ArrayList<>();
        for (Declared key : all()) {
            boolean child = !deletes && key.table().equals(changed);
            boolean parent = !inserts && key.parent().equals(changed) && key.isRefused(deletes);
            if ((child && (inserts ? gives(statement, key) : sets(statement, key.columns())))
                    || (parent
                            && (deletes || key.parentColumns().isEmpty() || sets(statement, key.parentColumns()))
                            && isUsed(key))) {
                String name = declared.of(DeclaredNames.Kind.FOREIGN_KEY, key.table(), key.columns());
                possible.add(new Key(name, key.table(), changed, orphans(key), key.restricts(deletes)));
            }
        }
        return possible;
    }

    /** Asks for a row that refers to nothing. */
    private String orphans(Declared key) throws SQLException {
        List<String> parentColumns =
                key.parentColumns().isEmpty() ? declared.primaryKey(key.parent()) : key.parentColumns();
        StringBuilder given = new StringBuilder();
        StringBuilder same = new StringBuilder();
        for (int i = 0; i < key.columns().size(); i++) {
            String column = "c." + SqlRewriter.writeName(key.columns().get(i));
            given.append(" AND ").append(column).append(" IS NOT NULL");
            same.append(" AND p.")
                    .append(SqlRewriter.writeName(parentColumns.get(i)))
                    .append(" = ")
                    .append(column);
        }
        return "SELECT 1 FROM " + SqlRewriter.writeName(key.table()) + " c WHERE ?1 IS NULL" + given
                + " AND NOT EXISTS (SELECT 1 FROM " + SqlRewriter.writeName(key.parent()) + " p WHERE TRUE" + same
                + ") LIMIT 1";
    }

    /** Whether an INSERT may write a value into each of these columns: with null in one of them a key refers to nothing. */
    private boolean gives(SqlStatement statement, Declared key) throws SQLException {
        List<SqlToken> tokens = statement.tokens();
        int open = 0;
        while (open < tokens.size() && !tokens.get(open).isWord("into")) {
            open++;
        }
        open += 2;
        open += SqlTokens.isWordAt(tokens, open, "as") ? 2 : 0;
        if (!SqlTokens.isSymbolAt(tokens, open, "(")) {
            return true;
        }
        Set<String> named = tokens.subList(open, SqlTokens.closing(tokens, open)).stream()
                .map(SqlToken::text)
                .collect(Collectors.toSet());
        lookup.ask("SELECT name FROM pragma_table_xinfo(?1) WHERE dflt_value IS NOT NULL OR pk > 0", key.table())
                .forEach(row -> named.add(row[0]));
        return named.containsAll(key.columns());
    }

    /** Whether an UPDATE may write these columns. */
    private static boolean sets(SqlStatement statement, List<String> columns) {
        List<SqlToken> tokens = statement.tokens();
        for (int i = 0; i + 1 < tokens.size() && !tokens.get(i).isAnyWord(Set.of("where", "returning")); i++) {
            if (tokens.get(i).isName()
                    && columns.contains(tokens.get(i).text())
                    && !tokens.get(i + 1).isSymbol(".")) {
                return true;
            }
        }
        return false;
    }

    private boolean isUsed(Declared key) throws SQLException {
        String sql = "SELECT EXISTS (SELECT 1 FROM " + SqlRewriter.writeName(key.table()) + " WHERE "
                + SqlRewriter.writeName(key.columns().get(0)) + " IS NOT ?1)";
        return lookup.ask(sql, null).get(0)[0].equals("1");
    }

    private List<Declared> all() throws SQLException {
        Map<String, Declared> keys = new LinkedHashMap<>();
        for (String[] row : lookup.ask(
                "SELECT m.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_delete, f.on_update FROM sqlite_master m,"
                        + " pragma_foreign_key_list(m.name) f WHERE m.type = ?1 ORDER BY m.name, f.id DESC, f.seq",
                "table")) {
            Declared key = keys.computeIfAbsent(
                    row[0] + ' ' + row[1],
                    any -> new Declared(row[0], row[2], new ArrayList<>(1), new ArrayList<>(1), row[5], row[6]));
            key.columns().add(row[3]);
            if (row[4] != null) {
                key.parentColumns().add(row[4]);
            }
        }
        return List.copyOf(keys.values());
    }
}
