package dev.plinth.runtime.database.postgres;

import io.vertx.sqlclient.PropertyKind;
import io.vertx.sqlclient.internal.QueryResultHandler;
import io.vertx.sqlclient.internal.RowDesc;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import io.vertx.sqlclient.internal.command.SimpleQueryCommand;
import org.jspecify.annotations.Nullable;

/** Passes results on, knows whether there were any, and leaves out those of a binding sent ahead. */
final class Results<T> implements QueryResultHandler<T> {

    private final QueryResultHandler<T> handler;
    private int skip;
    private boolean sent;
    private boolean any;
    private boolean ofSeveralStatements;
    private @Nullable RowDesc lastColumns;

    Results(QueryResultHandler<T> handler) {
        this.handler = handler;
    }

    /** The same query with these results, in which a statement that gives no rows has no columns: the client shows those of the one before it. */
    SimpleQueryCommand<T> of(QueryCommandBase<T> query) {
        boolean singleton = query instanceof SimpleQueryCommand<T> simple && simple.isSingleton();
        ofSeveralStatements = true;
        sent = true;
        return new SimpleQueryCommand<>(query.sql(), singleton, query.autoCommit(), query.collector(), this);
    }

    void skip(int results) {
        skip += results;
    }

    /** The statement itself goes out now. What an attempt before was to leave out never came if it was refused. */
    void sent() {
        sent = true;
        skip = 0;
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
    public void handleResult(
            int updatedCount, int size, @Nullable RowDesc desc, T result, @Nullable Throwable failure) {
        if (skip > 0) {
            skip--;
            return;
        }
        any = true;
        boolean stale = ofSeveralStatements && desc == lastColumns;
        lastColumns = desc;
        handler.handleResult(updatedCount, size, stale ? null : desc, result, failure);
    }

    @Override
    public <V> void addProperty(PropertyKind<V> property, V value) {
        handler.addProperty(property, value);
    }
}
