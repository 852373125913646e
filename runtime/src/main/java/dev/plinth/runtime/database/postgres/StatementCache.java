package dev.plinth.runtime.database.postgres;

import io.vertx.sqlclient.internal.PreparedStatement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of one connection, each for one plugin: the same text means other tables in another schema. Bounded; the
 * one not used for longest goes first. Used on the connection's event loop only.
 */
final class StatementCache {

    private static final int CAPACITY = 256;

    private final Map<Key, PreparedStatement> statements = new LinkedHashMap<>(16, 0.75f, true);
    private final Consumer<PreparedStatement> close;

    /** Compared with each statement, and by hand, as what a record makes of itself is only compiled well where it is inlined. */
    private record Key(PgSource source, String sql) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && source == key.source && sql.equals(key.sql);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(source) + sql.hashCode();
        }
    }

    /** @param close told each statement that is kept no longer */
    StatementCache(Consumer<PreparedStatement> close) {
        this.close = close;
    }

    @Nullable
    PreparedStatement get(PgSource source, String sql) {
        return statements.get(new Key(source, sql));
    }

    void put(PgSource source, String sql, PreparedStatement statement) {
        PreparedStatement replaced = statements.put(new Key(source, sql), statement);
        if (replaced != null) {
            close.accept(replaced);
        }
        if (statements.size() > CAPACITY) {
            remove(statements.keySet().iterator().next());
        }
    }

    void remove(PgSource source, String sql) {
        remove(new Key(source, sql));
    }

    /** The statements of a plugin that is gone. */
    void removeAll(PgSource source) {
        List.copyOf(statements.keySet()).stream()
                .filter(key -> key.source() == source)
                .forEach(this::remove);
    }

    /** All statements of the connection. */
    void clear() {
        List.copyOf(statements.keySet()).forEach(this::remove);
    }

    private void remove(Key key) {
        PreparedStatement statement = statements.remove(key);
        if (statement != null) {
            close.accept(statement);
        }
    }
}
