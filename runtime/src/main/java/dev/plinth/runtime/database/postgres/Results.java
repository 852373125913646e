package dev.plinth.runtime.database.postgres;

import io.vertx.sqlclient.PropertyKind;
import io.vertx.sqlclient.internal.QueryResultHandler;
import io.vertx.sqlclient.internal.RowDesc;
import org.jspecify.annotations.Nullable;

/** Passes results on, knows whether there were any, and leaves out those of a binding sent ahead. */
final class Results<T> implements QueryResultHandler<T> {

    private final QueryResultHandler<T> handler;
    private int skip;
    private boolean sent;
    private boolean any;

    Results(QueryResultHandler<T> handler) {
        this.handler = handler;
    }

    void skip(int results) {
        skip = results;
    }

    void sent() {
        sent = true;
    }

    /** Whether the statement itself was sent, not only its preparation or binding. */
    boolean isSent() {
        return sent;
    }

    /** Whether the server answered something, so that the statement may have taken effect. */
    boolean any() {
        return any;
    }

    @Override
    public void handleResult(int updatedCount, int size, RowDesc desc, T result, @Nullable Throwable failure) {
        if (skip > 0) {
            skip--;
            return;
        }
        any = true;
        handler.handleResult(updatedCount, size, desc, result, failure);
    }

    @Override
    public <V> void addProperty(PropertyKind<V> property, V value) {
        handler.addProperty(property, value);
    }
}
