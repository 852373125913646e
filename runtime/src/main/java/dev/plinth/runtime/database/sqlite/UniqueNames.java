package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the name of the constraint behind a unique index, of which SQLite tells the columns only. */
final class UniqueNames {

    private static final String NAME = "(\\[[^]]*]|`[^`]*`|\\w+)";
    private static final Pattern KEY = Pattern.compile("constraint " + NAME + " primary key");

    private final Tables.Lookup lookup;

    UniqueNames(Tables.Lookup lookup) {
        this.lookup = lookup;
    }

    /** As it was declared, or else as PostgreSQL would call it; null when there is no such index. */
    @Nullable
    String of(String table, List<String> columns) throws SQLException {
        String sql = lookup.ask("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1", table).stream()
                .map(row -> row[0])
                .findFirst()
                .orElse("");
        if (columns.equals(key(table))) {
            Matcher named = KEY.matcher(sql);
            return named.find() ? plain(named.group(1)) : table + "_pkey";
        }
        for (String[] index : lookup.ask(
                "SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'", table)) {
            if (columns.equals(names("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index[0]))) {
                return index[1].equals("c") ? index[0] : declared(sql, table, columns);
            }
        }
        return null;
    }

    /** The columns of a constraint; none when there is no such constraint. */
    List<String> columns(String table, String constraint) throws SQLException {
        if (constraint.equals(of(table, key(table)))) {
            return key(table);
        }
        for (String[] index :
                lookup.ask("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND NOT partial", table)) {
            List<String> columns = names("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index[0]);
            if (!columns.contains(null) && constraint.equals(of(table, columns))) {
                return columns;
            }
        }
        return List.of();
    }

    private List<String> key(String table) throws SQLException {
        return names("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table);
    }

    private List<String> names(String sql, String argument) throws SQLException {
        List<String> names = new ArrayList<>();
        for (String[] row : lookup.ask(sql, argument)) {
            names.add(row[0]);
        }
        return names;
    }

    private static String declared(String sql, String table, List<String> columns) {
        Matcher several =
                Pattern.compile("constraint " + NAME + " unique ?\\(([^)]*)\\)").matcher(sql);
        while (several.find()) {
            if (List.of(several.group(2).replaceAll("[\\s\\[\\]`]", "").split(","))
                    .equals(columns)) {
                return plain(several.group(1));
            }
        }
        Matcher single = Pattern.compile("[(,]\\s*[\\[`]?" + Pattern.quote(columns.get(0)) + "[]`]? [^,]*?constraint "
                        + NAME + " unique(?! ?\\()")
                .matcher(sql);
        return columns.size() == 1 && single.find()
                ? plain(single.group(1))
                : table + "_" + String.join("_", columns) + "_key";
    }

    private static String plain(String name) {
        return name.replaceAll("^[\\[`]|[]`]$", "");
    }
}
