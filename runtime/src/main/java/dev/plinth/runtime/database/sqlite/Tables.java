package dev.plinth.runtime.database.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The declared columns of tables, looked up once and kept until tables change. */
final class Tables {

    /** As {@link DefinitionRules} writes a column that counts. */
    private static final Pattern COUNTER =
            Pattern.compile("integer /\\* (smallint|integer|int|bigint|int2|int4|int8) \\*/ primary key autoincrement");

    private final Lookup lookup;
    private final Map<String, List<Column>> known = new HashMap<>();

    record Column(String name, ColumnType type) {}

    /** Asks the database: the result's rows, each with these columns as text. */
    interface Lookup {

        List<String[]> ask(String sql, String argument) throws SQLException;
    }

    Tables(Lookup lookup) {
        this.lookup = lookup;
    }

    void forget() {
        known.clear();
    }

    ColumnType resolve(ParameterTarget target) throws SQLException {
        if (target.type() != null) {
            return target.type();
        }
        ColumnType found = null;
        for (String table : target.tables()) {
            ColumnType type =
                    target.column() == null ? atPosition(table, target.position()) : type(table, target.column());
            if (type != null && found != null && !type.equals(found)) {
                return ColumnType.UNDECLARED;
            }
            found = type == null ? found : type;
        }
        return found == null ? ColumnType.UNDECLARED : found;
    }

    private @Nullable ColumnType atPosition(String table, int position) throws SQLException {
        List<Column> columns = columns(table);
        return position < columns.size() ? columns.get(position).type() : null;
    }

    @Nullable
    ColumnType type(String table, String column) throws SQLException {
        for (Column candidate : columns(table)) {
            if (candidate.name().equalsIgnoreCase(column)) {
                return candidate.type();
            }
        }
        return null;
    }

    private List<Column> columns(String table) throws SQLException {
        List<Column> columns = known.get(table);
        if (columns == null) {
            columns = lookUp(table);
            known.put(table, columns);
        }
        return columns;
    }

    private List<Column> lookUp(String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (String[] row : lookup.ask("SELECT name, type, pk FROM pragma_table_info(?1)", table)) {
            boolean mayCount = row[1].equalsIgnoreCase("INTEGER") && !row[2].equals("0");
            columns.add(new Column(row[0], mayCount ? counter(table) : ColumnType.of(row[1])));
        }
        return columns;
    }

    private ColumnType counter(String table) throws SQLException {
        for (String[] row : lookup.ask("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1", table)) {
            Matcher matcher = COUNTER.matcher(row[0]);
            if (matcher.find()) {
                return ColumnType.of(matcher.group(1));
            }
        }
        return ColumnType.of("INTEGER");
    }
}
