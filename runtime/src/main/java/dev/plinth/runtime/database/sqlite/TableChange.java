package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of a table that SQLite has no statement for: its definition gets another text, by the procedure that SQLite documents for
 * changes that touch no row (ALTER TABLE, "Making Other Kinds Of Table Schema Changes"). To be run in a transaction.
 *
 * @param steps statements for SQLite, in order
 * @param check what is to hold afterwards; null when nothing is
 */
record TableChange(List<String> steps, @Nullable Check check) {

    /**
     * A condition for the rows that are there.
     *
     * @param query gives a row when it does not hold
     * @param refusal what is said then
     */
    record Check(String query, StatementException refusal) {}

    String text() {
        return String.join(";\n", steps);
    }
}
