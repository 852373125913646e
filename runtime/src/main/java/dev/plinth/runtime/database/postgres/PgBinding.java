package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What makes a shared connection a plugin's own: search path and application name.
 *
 * <p>As a prefix it is sent in front of a statement without a Sync between them, so that the server skips the statement when the
 * binding fails: no cancellation or error between the two can let a statement run in another plugin's schema.
 */
final class PgBinding {

    private final List<String> statements;
    private final Prefix plain;

    PgBinding(PostgresSettings settings, String applicationName) {
        this.statements = statements(settings, applicationName);
        this.plain = prefix(Prefix.UNNAMED, true);
    }

    private static List<String> statements(PostgresSettings settings, String applicationName) {
        return List.of(
                "SET search_path TO " + PgOptions.searchPath(settings.searchPath()),
                "SET application_name TO " + Sql.literal(applicationName));
    }

    /** The binding of a connection outside of the pools. */
    static String sql(PostgresSettings settings) {
        return String.join("; ", statements(settings, PgOptions.cut(settings.applicationName())));
    }

    /** The binding as a text of its own. */
    String sql() {
        return String.join("; ", statements);
    }

    /** Leaves nothing behind. */
    Prefix plain() {
        return plain;
    }

    /** Leaves the binding prepared under a name that was not used on the connection before. */
    Prefix preparing(String name) {
        return prefix(name, true);
    }

    /** Costs the server a fifth of the others; for a connection where it was prepared. */
    Prefix prepared(String name) {
        return prefix(name, false);
    }

    /** The names that {@link #preparing} gives. */
    List<String> names(String name) {
        return IntStream.range(0, statements.size())
                .mapToObj(i -> name(name, i))
                .toList();
    }

    /** Pooled connections prepare all statements but this under names. */
    private static String name(String name, int statement) {
        return name.equals(Prefix.UNNAMED) ? Prefix.UNNAMED : name + "_" + statement;
    }

    private Prefix prefix(String name, boolean parses) {
        Prefix.Messages messages = new Prefix.Messages();
        for (int i = 0; i < statements.size(); i++) {
            if (parses) {
                messages.parse(name(name, i), statements.get(i));
            }
            messages.execute(name(name, i));
        }
        return messages.toPrefix();
    }
}
