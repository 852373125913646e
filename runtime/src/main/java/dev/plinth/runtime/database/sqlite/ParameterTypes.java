package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.List;

/** What the parameters of a statement are, from where they stand first. */
final class ParameterTypes {

    private final List<Parameter> parameters = new ArrayList<>();

    /**
     * One parameter.
     *
     * @param assigned whether it is written into a column, so that it must fit the column's length
     */
    record Parameter(ColumnType type, boolean assigned) {

        static final Parameter UNKNOWN = new Parameter(ColumnType.UNDECLARED, false);

        boolean isKnown() {
            return type.kind() != ColumnType.Kind.UNDECLARED;
        }
    }

    ParameterTypes(int count) {
        for (int i = 0; i < count; i++) {
            parameters.add(Parameter.UNKNOWN);
        }
    }

    ColumnType type(SqlToken token) {
        return parameters.get(index(token)).type();
    }

    /** The first place that tells the type decides, as in PostgreSQL. */
    void define(SqlToken token, ColumnType type, boolean assigned) {
        if (!parameters.get(index(token)).isKnown()) {
            parameters.set(index(token), new Parameter(type, assigned));
        }
    }

    private static int index(SqlToken token) {
        return Integer.parseInt(token.text()) - 1;
    }

    List<Parameter> all() {
        return List.copyOf(parameters);
    }
}
