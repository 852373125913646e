package dev.plinth.runtime.database.sqlite;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a parameter is written into or compared with, as far as the text tells. PostgreSQL takes the parameter's type from there.
 *
 * @param type given by a cast; otherwise it is the column's
 * @param tables that may have the column
 * @param column null when only its position is known
 * @param position of the column in an INSERT that names none; -1 otherwise
 * @param assigned whether the value is written, so that it must fit the column's length
 */
record ParameterTarget(
        @Nullable ColumnType type, List<String> tables, @Nullable String column, int position, boolean assigned) {

    static final ParameterTarget UNKNOWN = new ParameterTarget(ColumnType.UNDECLARED, List.of(), null, -1, false);

    static ParameterTarget cast(ColumnType type) {
        return new ParameterTarget(type, List.of(), null, -1, false);
    }

    static ParameterTarget column(List<String> tables, String column, boolean assigned) {
        return new ParameterTarget(null, tables, column, -1, assigned);
    }

    static ParameterTarget position(String table, int position) {
        return new ParameterTarget(null, List.of(table), null, position, true);
    }
}
