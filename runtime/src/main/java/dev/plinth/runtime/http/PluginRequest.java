package dev.plinth.runtime.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.concurrent.InboundMessageQueue;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A request on a plugin's context.
 *
 * <p>The connection lives on an event loop of the server. Its body passes through a queue from that loop to the plugin's context,
 * the same way as Vert.x does it for a server on a worker; every handler of the plugin so runs on the plugin's context. Reading
 * begins when the plugin's first handler has returned without pausing, or when it resumes: so nothing is lost that a handler
 * wants to see, and a form is announced before its first byte.
 */
final class PluginRequest extends HttpServerRequestWrapper {

    /** Where the plugin's routes begin: matching it says nothing yet. */
    static final String NO_ROUTE = "";

    private static final Object END = new Object();

    private final Exchange exchange;
    private final ContextInternal context;
    private final HttpServerResponse response;
    private final String path;
    private final RouteTemplate template;
    private final BodyLimit limit;
    private final @Nullable InboundMessageQueue<Object> queue;

    private volatile @Nullable Handler<Buffer> dataHandler;
    private volatile @Nullable Handler<Void> endHandler;
    private volatile @Nullable Handler<Throwable> exceptionHandler;
    private volatile boolean ended;
    private HttpMethod method;
    private boolean reading;
    private volatile boolean paused;
    private @Nullable Buffer bodySoFar;
    private @Nullable PromiseInternal<Buffer> body;
    private @Nullable PromiseInternal<Void> end;

    /** On the connection's event loop; a request with a body must be paused. */
    PluginRequest(Exchange exchange, ContextInternal context, String path, PluginResponse response, BodyLimit limit) {
        super(exchange.request());
        this.exchange = exchange;
        this.context = context;
        this.path = path;
        this.method = exchange.request().method();
        this.template = new RouteTemplate(exchange.pluginPath(), path);
        this.response = response;
        this.limit = limit;
        this.queue = hasBody(exchange.request()) ? new BodyQueue(delegate.context()) : null;
        if (queue != null) {
            delegate.handler(this::received);
            delegate.endHandler(v -> receivedEnd());
            delegate.exceptionHandler(this::receivedFailure);
            limit.whenLate(this::receivedFailure);
        }
    }

    /** Or may have one: in HTTP/2 nothing has to announce it. */
    static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null
                ? request.version() == HttpVersion.HTTP_2 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                : !length.equals("0");
    }

    /** Hands it to the plugin. */
    void dispatch(Handover handover, Runnable plugin) {
        handover.add(
                delegate.context().nettyEventLoop(),
                () -> context.emit(this, request -> {
                    plugin.run();
                    readUnlessPaused();
                }));
    }

    /** The plugin sees a GET; the body of its answer is not sent. */
    void asGet() {
        method = HttpMethod.GET;
    }

    @Override
    public HttpMethod method() {
        return method;
    }

    /** From the connection's event loop to the plugin's context. */
    private final class BodyQueue extends InboundMessageQueue<Object> {

        BodyQueue(ContextInternal connection) {
            super(connection.eventLoop(), context.executor());
        }

        @Override
        protected void handleMessage(Object message) {
            if (message == END) {
                context.dispatch(v -> deliverEnd());
            } else {
                context.dispatch((Buffer) message, PluginRequest.this::deliver);
            }
        }

        @Override
        protected void handlePause() {
            delegate.pause();
        }

        @Override
        protected void handleResume() {
            delegate.resume();
        }
    }

    private void received(Buffer data) {
        if (queue != null && limit.accepts(data.length())) {
            queue.write(data);
        } else if (limit.isExceededNow()) {
            context.emit(limit.failure(), this::failed);
        }
    }

    private void receivedEnd() {
        limit.complete();
        // A body that was cut must not look complete, should its end overtake the failure.
        if (queue != null && limit.accepts(0)) {
            queue.write(END);
        }
    }

    private void receivedFailure(Throwable failure) {
        limit.complete();
        context.emit(failure, this::failed);
    }

    private void readUnlessPaused() {
        if (!paused && startReading() && queue == null) {
            deliverEnd();
        }
    }

    /** Whether this call was the one that started it. */
    private synchronized boolean startReading() {
        boolean first = !reading;
        reading = true;
        if (first && queue != null) {
            limit.reads();
            delegate.resume();
        }
        return first;
    }

    private void deliver(Buffer data) {
        Handler<Buffer> handler = dataHandler;
        synchronized (this) {
            if (bodySoFar != null) {
                bodySoFar.appendBuffer(data);
            }
        }
        if (handler != null) {
            handler.handle(data);
        }
    }

    private void deliverEnd() {
        ended = true;
        synchronized (this) {
            if (body != null) {
                body.tryComplete(bodySoFar);
            }
            if (end != null) {
                end.tryComplete();
            }
        }
        Handler<Void> handler = endHandler;
        if (handler != null) {
            handler.handle(null);
        }
    }

    private void failed(Throwable failure) {
        limit.answer(failure, response);
        synchronized (this) {
            if (body != null) {
                body.tryFail(failure);
            }
            if (end != null) {
                end.tryFail(failure);
            }
        }
        Handler<Throwable> handler = exceptionHandler;
        if (handler != null) {
            handler.handle(failure);
        }
    }

    @Override
    public ContextInternal context() {
        return context;
    }

    @Override
    public HttpServerResponse response() {
        return response;
    }

    /** The caller's, when trusted proxies say so, with the port of the last one. */
    @Override
    public SocketAddress remoteAddress() {
        SocketAddress nearest = delegate.remoteAddress();
        String caller = exchange.caller().address();
        return nearest == null || caller.equals(nearest.hostAddress())
                ? nearest
                : SocketAddress.inetSocketAddress(nearest.port(), caller);
    }

    @Override
    public String scheme() {
        return exchange.caller().scheme();
    }

    @Override
    public String path() {
        return path;
    }

    /** The router tells each route that it tries; the last one answers. Those without a path look at all requests. */
    @Override
    public HttpServerRequest routed(@Nullable String route) {
        if (route != null && !route.isEmpty()) {
            exchange.matched(template.of(route));
        }
        return this;
    }

    @Override
    public HttpServerRequest handler(@Nullable Handler<Buffer> handler) {
        if (handler != null) {
            checkNotEnded();
        }
        dataHandler = handler;
        return this;
    }

    @Override
    public HttpServerRequest endHandler(@Nullable Handler<Void> handler) {
        if (handler != null) {
            checkNotEnded();
        }
        endHandler = handler;
        return this;
    }

    @Override
    public HttpServerRequest exceptionHandler(@Nullable Handler<Throwable> handler) {
        exceptionHandler = handler;
        return this;
    }

    @Override
    public HttpServerRequest pause() {
        paused = true;
        if (queue != null) {
            queue.pause();
        }
        return this;
    }

    @Override
    public HttpServerRequest resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public HttpServerRequest fetch(long amount) {
        paused = false;
        if (queue != null) {
            queue.fetch(amount);
        }
        if (startReading() && queue == null) {
            context.runOnContext(v -> deliverEnd());
        }
        return this;
    }

    @Override
    public synchronized Future<Buffer> body() {
        if (body == null) {
            checkNotEnded();
            body = context.promise();
            bodySoFar = Buffer.buffer();
        }
        return body.future();
    }

    @Override
    public synchronized Future<Void> end() {
        if (end == null) {
            checkNotEnded();
            end = context.promise();
        }
        return end.future();
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public HttpServerRequest setExpectMultipart(boolean expect) {
        delegate.setExpectMultipart(expect);
        return this;
    }

    @Override
    public HttpServerRequest uploadHandler(@Nullable Handler<HttpServerFileUpload> handler) {
        delegate.uploadHandler(handler == null ? null : upload -> hand(upload, handler));
        return this;
    }

    @Override
    public Future<ServerWebSocket> toWebSocket() {
        return context.failedFuture(new UnsupportedOperationException("plugins serve no web sockets"));
    }

    @Override
    public Future<NetSocket> toNetSocket() {
        return context.failedFuture(new UnsupportedOperationException("plugins get no raw connection"));
    }

    /** The upload waits until its handlers are set. */
    private void hand(HttpServerFileUpload upload, Handler<HttpServerFileUpload> handler) {
        upload.pause();
        context.emit(new PluginUpload(upload, context), wrapped -> {
            handler.handle(wrapped);
            wrapped.resume();
        });
    }

    private void checkNotEnded() {
        if (ended) {
            throw new IllegalStateException("request has already been read");
        }
    }
}
