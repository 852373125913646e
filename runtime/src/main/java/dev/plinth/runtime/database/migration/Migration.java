package dev.plinth.runtime.database.migration;

import dev.plinth.plugin.JavaMigration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One step that brings a database up to date.
 *
 * @param version absent for a repeatable one
 * @param source the file or class, for people
 * @param checksum empty when what it does cannot be told from a text
 */
record Migration(Kind kind, @Nullable Long version, String name, String source, String checksum, Body body) {

    /** How it is written. */
    enum Kind {
        SQL,
        JAVA,
        REPEATABLE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is to be done. */
    sealed interface Body permits Statements, Code {}

    /**
     * SQL.
     *
     * @param transactional whether all of it happens together with its row in the history, or statement by statement
     */
    record Statements(List<SqlSplitter.Statement> list, boolean transactional) implements Body {}

    /** Java. */
    record Code(JavaMigration migration) implements Body {}

    boolean transactional() {
        return !(body instanceof Statements statements) || statements.transactional();
    }

    boolean repeatable() {
        return kind == Kind.REPEATABLE;
    }

    /** The version, for people: {@code "version 3"}, or {@code "repeatable views"}. */
    String label() {
        return repeatable() ? "repeatable " + name : "version " + version;
    }
}
