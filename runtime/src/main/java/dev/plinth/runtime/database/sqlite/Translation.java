package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement as SQLite runs it.
 *
 * @param columns of its result, with PostgreSQL's names; null when they cannot be told
 * @param change what the text does to a table by several statements; null for one statement
 */
record Translation(
        String text,
        List<ParameterTypes.Parameter> parameters,
        @Nullable List<Output> columns,
        @Nullable TableChange change) {

    Translation(String text, List<ParameterTypes.Parameter> parameters, @Nullable List<Output> columns) {
        this(text, parameters, columns, null);
    }
}
