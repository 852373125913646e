package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What names mean at a place in a statement: the tables of its FROM, and those of the statements around it. */
final class Scope {

    private static final Set<String> ROW_IDS = Set.of("rowid", "oid", "_rowid_");

    private final @Nullable Scope outer;
    private final List<Source> sources = new ArrayList<>();
    private final Map<String, List<Output>> queries = new HashMap<>(0);
    private boolean merged;
    private @Nullable Set<String> distinctItems;

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    /**
     * A column of a result or of a table.
     *
     * @param generated whether its value is computed and cannot be written
     * @param key whether it belongs to the table's primary key
     */
    record Output(@Nullable String name, ColumnType type, boolean generated, boolean key) {

        Output(@Nullable String name, ColumnType type) {
            this(name, type, false, false);
        }
    }

    /**
     * A table, or a query in its place.
     *
     * @param columns null when they are not known
     * @param written what SQLite is given in place of each column; empty for their names
     */
    record Source(String name, @Nullable List<Output> columns, List<String> written) {

        Source(String name, @Nullable List<Output> columns) {
            this(name, columns, List.of());
        }

        /** Whether a function gives the rows. */
        boolean isOfFunction() {
            return !written.isEmpty();
        }
    }

    void add(Source source) {
        if (!source.name().isEmpty()
                && sources.stream().anyMatch(known -> known.name().equals(source.name()))) {
            throw Refusal.of("table name \"" + source.name() + "\" specified more than once", "42712");
        }
        sources.add(source);
    }

    /** Some columns of joined tables are shown once: which, is not followed here. */
    void mergeColumns() {
        merged = true;
    }

    /** The expressions that SELECT DISTINCT lists, as they were written: it can be ordered by no others. */
    void distinct(Set<String> items) {
        distinctItems = items;
    }

    /** Fails with SQLSTATE 42P10 for an expression that SELECT DISTINCT does not list. */
    void mustBeListed(String expression) {
        if (distinctItems != null && !distinctItems.contains(expression)) {
            throw Refusal.of("for SELECT DISTINCT, ORDER BY expressions must appear in select list", "42P10");
        }
    }

    void defineQuery(String name, List<Output> columns) {
        queries.put(name, columns);
    }

    /** The table here that has this column; null when there is none, or it is not known. */
    @Nullable
    Source source(@Nullable String qualifier, String name) {
        for (Source source : sources) {
            boolean meant = qualifier == null || source.name().equals(qualifier);
            if (meant && find(source, name) != null) {
                return source;
            }
        }
        return null;
    }

    List<Source> sources(@Nullable String qualifier) {
        return sources.stream()
                .filter(source -> qualifier == null || source.name().equals(qualifier))
                .toList();
    }

    /** The columns of a query that WITH has named; null when there is none. */
    @Nullable
    List<Output> query(String name) {
        List<Output> found = queries.get(name);
        return found != null || outer == null ? found : outer.query(name);
    }

    /**
     * What SQLite is given in place of a column; null for what was written. Where a function gives rows, columns need their tables'
     * names, as SQLite's own function has further columns.
     */
    @Nullable
    String written(@Nullable String qualifier, String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Source source = scope.source(qualifier, name);
            if (source == null) {
                source = qualifier == null ? scope.rowsNamed(name) : null;
                if (source != null) {
                    return source.written().get(0);
                }
            } else if (source.isOfFunction()) {
                return source.written().get(indexOf(source, name));
            } else {
                boolean unsure = qualifier == null && scope.hasRows();
                return unsure ? SqlRewriter.writeName(source.name()) + "." + SqlRewriter.writeName(name) : null;
            }
        }
        return null;
    }

    private static int indexOf(Source source, String name) {
        List<Output> columns = source.columns() == null ? List.of() : source.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (name.equals(columns.get(i).name())) {
                return i;
            }
        }
        return 0;
    }

    /** Whether a function gives rows here. */
    boolean hasRows() {
        return sources.stream().anyMatch(Source::isOfFunction);
    }

    /** A function with one column, of which the name means the value. */
    private @Nullable Source rowsNamed(String name) {
        return sources.stream()
                .filter(source -> source.isOfFunction()
                        && source.name().equals(name)
                        && source.columns() != null
                        && source.columns().size() == 1)
                .findFirst()
                .orElse(null);
    }

    /** All columns in order; null when they cannot all be told. */
    @Nullable
    List<Output> all(@Nullable String qualifier) {
        List<Output> columns = new ArrayList<>();
        for (Source source : sources) {
            if (qualifier == null || source.name().equals(qualifier)) {
                if (source.columns() == null || merged) {
                    return null;
                }
                columns.addAll(source.columns());
            }
        }
        return columns;
    }

    /** The column's type; fails with SQLSTATE 42703 when it is certain that there is none. */
    ColumnType column(@Nullable String qualifier, String name) {
        boolean certain = !ROW_IDS.contains(name);
        for (Scope scope = this; scope != null; scope = scope.outer) {
            for (Source source : scope.sources) {
                if (qualifier == null || source.name().equals(qualifier)) {
                    certain &= source.columns() != null;
                    ColumnType found = find(source, name);
                    if (found != null) {
                        return found;
                    }
                }
            }
            Source rows = qualifier == null ? scope.rowsNamed(name) : null;
            if (rows != null && rows.columns() != null) {
                return rows.columns().get(0).type();
            }
        }
        if (qualifier != null && !isSource(qualifier) && ROW_IDS.stream().noneMatch(name::equals)) {
            throw Refusal.of("missing FROM-clause entry for table \"" + qualifier + "\"", "42P01");
        }
        if (certain && qualifier == null && isSource(name)) {
            throw Refusal.unsupported("SQLite has no value of a whole row such as " + name);
        }
        if (certain) {
            String shown = qualifier == null ? "\"" + name + "\"" : qualifier + "." + name;
            throw Refusal.of("column " + shown + " does not exist", "42703");
        }
        return ColumnType.UNDECLARED;
    }

    boolean isSource(String name) {
        return sources.stream().anyMatch(source -> source.name().equals(name))
                || (outer != null && outer.isSource(name));
    }

    private static @Nullable ColumnType find(Source source, String name) {
        if (source.columns() == null) {
            return null;
        }
        for (Output column : source.columns()) {
            if (name.equals(column.name())) {
                return column.type();
            }
        }
        return null;
    }
}
