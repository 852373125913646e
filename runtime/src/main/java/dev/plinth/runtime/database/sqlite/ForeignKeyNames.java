package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the name of a table's foreign key, of which SQLite tells nothing when a row violates it. */
final class ForeignKeyNames {

    private static final Pattern DECLARED =
            Pattern.compile("constraint (\\[[^]]*]|`[^`]*`|\\w+) (?:foreign key|references)");

    private final Tables.Lookup lookup;

    ForeignKeyNames(Tables.Lookup lookup) {
        this.lookup = lookup;
    }

    /** As it was declared, or else as PostgreSQL would call it; null unless the table has exactly one. */
    @Nullable
    String only(String table) throws SQLException {
        List<String[]> columns =
                lookup.ask("SELECT id, \"from\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq", table);
        if (columns.stream().map(row -> row[0]).distinct().count() != 1) {
            return null;
        }
        for (String[] row : lookup.ask("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1", table)) {
            Matcher declared = DECLARED.matcher(row[0]);
            if (declared.find()) {
                return declared.group(1).replaceAll("^[\\[`]|[]`]$", "");
            }
        }
        return table + "_" + columns.stream().map(row -> row[1]).collect(Collectors.joining("_")) + "_fkey";
    }
}
