package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The declared columns of tables, looked up once and kept until tables change. */
final class Tables implements Translator.TableColumns {

    /** As {@link DefinitionRules} writes a column that counts. */
    private static final Pattern COUNTER =
            Pattern.compile("integer /\\* (smallint|integer|int|bigint|int2|int4|int8) \\*/ primary key autoincrement");

    private static final Pattern GENERATED = Pattern.compile("(?i)\\s*generated always$");
    private static final Pattern VIEW = Pattern.compile("/\\* (.*?) \\*/ as ");
    private static final Pattern COMPUTED = Pattern.compile("computed\\((-?\\d+)\\)");

    private final Lookup lookup;
    private final Map<String, List<Output>> known = new HashMap<>();

    /** Asks the database: the result's rows, each with these columns as text. */
    interface Lookup {

        List<String[]> ask(String sql, @Nullable String argument) throws SQLException;
    }

    Tables(Lookup lookup) {
        this.lookup = lookup;
    }

    void forget() {
        known.clear();
    }

    /** The columns of a table or view, in order; null when there is none of this name. */
    @Override
    public @Nullable List<Output> columns(String table) {
        List<Output> columns = known.computeIfAbsent(table, this::lookUp);
        return columns.isEmpty() ? null : columns;
    }

    @Override
    public boolean isStored(String table) {
        return isThere("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", table);
    }

    @Override
    public boolean isReferenced(String table) {
        return isThere(
                "SELECT 1 FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
                        + " AND f.\"table\" = ?1 AND m.name <> ?1",
                table);
    }

    @Override
    public boolean isIndex(String name) {
        return isThere("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?1", name);
    }

    @Override
    public @Nullable String definition(String table) {
        try {
            return lookup.ask("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1", table).stream()
                    .map(row -> row[0])
                    .findFirst()
                    .orElse(null);
        } catch (SQLException e) {
            return null; // The statement itself meets the same fault.
        }
    }

    @Override
    public long version() {
        try {
            return Long.parseLong(lookup.ask("SELECT schema_version FROM pragma_schema_version WHERE ?1 IS NULL", null)
                    .get(0)[0]);
        } catch (SQLException e) {
            return 0; // The statement itself meets the same fault.
        }
    }

    @Override
    public boolean isUsedByView(String table) {
        return isThere("SELECT 1 FROM sqlite_master WHERE type = 'view' AND instr(lower(sql), ?1) > 0", table);
    }

    @Override
    public List<String> indexesOn(String table, String column) {
        try {
            List<String> indexes = new ArrayList<>();
            for (String[] index : lookup.ask(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
                    table)) {
                if (StoredTable.names(index[1].substring(index[1].indexOf('('))).contains(column)) {
                    indexes.add(index[0]);
                }
            }
            return indexes;
        } catch (SQLException e) {
            return List.of(); // The statement itself meets the same fault.
        }
    }

    @Override
    public boolean isUniqueIndex(String table, String name) {
        try {
            return lookup
                    .ask("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin = 'c'", table)
                    .stream()
                    .anyMatch(row -> row[0].equals(name));
        } catch (SQLException e) {
            return false; // The statement itself meets the same fault.
        }
    }

    @Override
    public List<String> columnsOfConstraint(String table, String name) {
        try {
            return new UniqueNames(lookup).columns(table, name);
        } catch (SQLException e) {
            return List.of(); // The statement itself meets the same fault.
        }
    }

    private boolean isThere(String sql, String name) {
        try {
            return !lookup.ask(sql, name).isEmpty();
        } catch (SQLException e) {
            return false; // The statement itself meets the same fault.
        }
    }

    @Override
    public String defaultOf(String table, String column) {
        try {
            for (String[] row : lookup.ask("SELECT name, dflt_value, pk FROM pragma_table_xinfo(?1)", table)) {
                if (row[0].equals(column) && row[2].equals("0")) {
                    return row[1] == null ? "NULL" : "(" + row[1] + ")";
                }
            }
        } catch (SQLException e) {
            // The statement itself meets the same fault.
            return "NULL";
        }
        throw Refusal.unsupported("SQLite cannot set the column \"" + column + "\" to its DEFAULT");
    }

    private List<Output> lookUp(String table) {
        try {
            return read(table);
        } catch (SQLException e) {
            // The statement itself meets the same fault.
            return List.of();
        }
    }

    private List<Output> read(String table) throws SQLException {
        List<Output> columns = new ArrayList<>();
        List<ColumnType> ofView = typesOfView(table);
        for (String[] row :
                lookup.ask("SELECT name, type, pk, hidden > 1 FROM pragma_table_xinfo(?1) WHERE hidden <> 1", table)) {
            boolean mayCount = row[1].equalsIgnoreCase("INTEGER") && !row[2].equals("0");
            String declared = GENERATED.matcher(row[1]).replaceFirst("");
            ColumnType type = mayCount ? counter(table) : ColumnType.stored(declared);
            columns.add(new Output(
                    row[0],
                    columns.size() < ofView.size() ? ofView.get(columns.size()) : type,
                    row[3].equals("1"),
                    !row[2].equals("0")));
        }
        return columns;
    }

    /** What a view's text says of the types of its columns. */
    static String comment(List<ColumnType> types) {
        return "/* " + types.stream().map(ColumnType::asStored).collect(Collectors.joining("; ")) + " */";
    }

    /** Older versions wrote how many digits an expression gives. */
    private static ColumnType parse(String shown) {
        if (shown.equals("quotient")) {
            return ColumnType.stored("numeric");
        }
        Matcher computed = COMPUTED.matcher(shown);
        return computed.matches() ? ColumnType.computed(Integer.parseInt(computed.group(1))) : ColumnType.stored(shown);
    }

    private List<ColumnType> typesOfView(String view) throws SQLException {
        for (String[] row : lookup.ask("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?1", view)) {
            Matcher matcher = VIEW.matcher(row[0]);
            if (matcher.find()) {
                return Arrays.stream(matcher.group(1).split("; ", -1))
                        .map(Tables::parse)
                        .toList();
            }
        }
        return List.of();
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
