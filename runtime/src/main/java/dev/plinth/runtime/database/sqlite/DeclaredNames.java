package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Constraints' names as their tables' definitions have them, or else as PostgreSQL would call them: SQLite tells columns only. */
final class DeclaredNames {

    private static final String NAME = "(\\[[^]]*]|`[^`]*`|\\w+)";
    private static final Pattern PRIMARY_KEY = Pattern.compile("constraint " + NAME + " primary key");

    private final Tables.Lookup lookup;

    DeclaredNames(Tables.Lookup lookup) {
        this.lookup = lookup;
    }

    /** How a constraint is written, as one of the table and as one of a column, and called. */
    enum Kind {
        UNIQUE("unique", "unique(?! ?\\()", "_key"),
        FOREIGN_KEY("foreign key", "references", "_fkey");

        private final Pattern ofTable;
        private final String ofColumn;
        private final String suffix;

        Kind(String ofTable, String ofColumn, String suffix) {
            this.ofTable = Pattern.compile("constraint " + NAME + " " + ofTable + " ?\\(([^)]*)\\)");
            this.ofColumn = ofColumn;
            this.suffix = suffix;
        }
    }

    String of(Kind kind, String table, List<String> columns) throws SQLException {
        String definition = definition(table);
        Matcher ofTable = kind.ofTable.matcher(definition);
        while (ofTable.find()) {
            if (List.of(ofTable.group(2).replaceAll("[\\s\\[\\]`]", "").split(","))
                    .equals(columns)) {
                return plain(ofTable.group(1));
            }
        }
        Matcher ofColumn = Pattern.compile("[(,]\\s*[\\[`]?" + Pattern.quote(columns.get(0)) + "[]`]? [^,]*?constraint "
                        + NAME + " " + kind.ofColumn)
                .matcher(definition);
        return columns.size() == 1 && ofColumn.find()
                ? plain(ofColumn.group(1))
                : table + "_" + String.join("_", columns) + kind.suffix;
    }

    String ofPrimaryKey(String table) throws SQLException {
        Matcher named = PRIMARY_KEY.matcher(definition(table));
        return named.find() ? plain(named.group(1)) : table + "_pkey";
    }

    private String definition(String table) throws SQLException {
        List<String> found = names("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1", table);
        return found.isEmpty() ? "" : found.get(0);
    }

    /** The columns of the primary key, in its order. */
    List<String> primaryKey(String table) throws SQLException {
        return names("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table);
    }

    /** What a query with one column finds; with null for an expression, which has no name. */
    List<String> names(String sql, String argument) throws SQLException {
        List<String> names = new ArrayList<>();
        for (String[] row : lookup.ask(sql, argument)) {
            names.add(row[0]);
        }
        return names;
    }

    private static String plain(String name) {
        return name.replaceAll("^[\\[`]|[]`]$", "");
    }
}
