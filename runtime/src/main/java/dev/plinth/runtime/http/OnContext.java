package dev.plinth.runtime.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import org.jspecify.annotations.Nullable;

/** Brings what the connection's event loop says to another context. */
final class OnContext {

    private OnContext() {}

    static <T> Future<T> future(ContextInternal context, Future<T> future) {
        PromiseInternal<T> promise = context.promise();
        future.onComplete(promise);
        return promise.future();
    }

    /** No handler stays no handler. */
    static <T> @Nullable Handler<T> handler(ContextInternal context, @Nullable Handler<T> handler) {
        return handler == null ? null : event -> context.emit(event, handler);
    }
}
