package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the name of the constraint behind a unique index, of which SQLite tells the columns only. */
final class UniqueNames {

    private final Tables.Lookup lookup;
    private final DeclaredNames declared;

    UniqueNames(Tables.Lookup lookup) {
        this.lookup = lookup;
        this.declared = new DeclaredNames(lookup);
    }

    /** As it was declared, or else as PostgreSQL would call it; null when there is no such index. */
    @Nullable
    String of(String table, List<String> columns) throws SQLException {
        if (columns.equals(declared.primaryKey(table))) {
            return declared.ofPrimaryKey(table);
        }
        for (String[] index : lookup.ask(
                "SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'", table)) {
            if (columns.equals(columnsOf(index[0]))) {
                return index[1].equals("c") ? index[0] : declared.of(DeclaredNames.Kind.UNIQUE, table, columns);
            }
        }
        return null;
    }

    /** The columns of a constraint; none when there is no such constraint. */
    List<String> columns(String table, String constraint) throws SQLException {
        List<String> key = declared.primaryKey(table);
        if (constraint.equals(of(table, key))) {
            return key;
        }
        for (String[] index :
                lookup.ask("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND NOT partial", table)) {
            List<String> columns = columnsOf(index[0]);
            if (!columns.contains(null) && constraint.equals(of(table, columns))) {
                return columns;
            }
        }
        return List.of();
    }

    private List<String> columnsOf(String index) throws SQLException {
        return declared.names("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index);
    }
}
