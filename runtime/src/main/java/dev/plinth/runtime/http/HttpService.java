package dev.plinth.runtime.http;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public server: brings each request to the plugin that it is for. Thread-safe. */
public final class HttpService {

    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);

    private final HttpSettings settings;
    private final ContextInternal context;
    private final HttpServerOptions options;
    private final HttpServer server;
    private final Traffic traffic;
    private final RequestIds requestIds = new RequestIds();
    private final PluginRoutes plugins;
    private final Handler<HttpServerRequest> pages;

    /**
     * Wires it; nothing listens yet.
     *
     * @param observer told of every request
     */
    public HttpService(Vertx vertx, HttpSettings settings, PluginSites sites, Health health, RequestObserver observer) {
        this.settings = settings;
        this.traffic = new Traffic(observer);
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.options = options(settings);
        this.plugins = new PluginRoutes(settings, sites, traffic);
        this.pages = new HealthPages(health, settings.requiredPlugins(), traffic).router(vertx);
        this.server = vertx.createHttpServer(options)
                .connectionHandler(this::connected)
                .invalidRequestHandler(this::invalid)
                .exceptionHandler(failure -> LOG.debug("connection failed", failure))
                .requestHandler(this::handle);
    }

    /**
     * Begins to listen.
     *
     * @return the actual port; fails when the address is taken or is not this machine's
     */
    public Future<Integer> start() {
        // A server's connections live on the loop that it was started on.
        return Future.future(started -> context.runOnContext(
                v -> server.listen(settings.listen().port(), settings.listen().host())
                        .map(HttpServer::actualPort)
                        .onComplete(started)));
    }

    /**
     * Takes no more work: readiness says no, then, after the configured delay, new connections are refused and idle ones
     * closed; requests in flight may finish.
     *
     * @return completes when all have, or their time is over; never fails
     */
    public Future<Void> drain() {
        traffic.drain();
        return delay(settings.shutdownDelay().toMillis())
                .compose(v -> server.shutdown(settings.shutdownTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .otherwiseEmpty();
    }

    /** Closes all connections now. */
    public Future<Void> close() {
        traffic.drain();
        return server.close();
    }

    /** On whose event loop the connections live: what blocks it blocks everybody. */
    public Context context() {
        return context;
    }

    /** How many requests have no complete answer yet. */
    public int inFlight() {
        return traffic.inFlight();
    }

    private static HttpServerOptions options(HttpSettings settings) {
        return new HttpServerOptions()
                .setIdleTimeout(Math.toIntExact(settings.idleTimeout().toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false);
    }

    private Future<Void> delay(long millis) {
        return millis < 1 ? Future.succeededFuture() : context.timer(millis).mapEmpty();
    }

    private void connected(HttpConnection connection) {
        ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
        pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options));
    }

    private void handle(HttpServerRequest request) {
        Exchange exchange = begin(request);
        if (!plugins.handle(exchange)) {
            onItsWay(exchange);
            pages.handle(request);
        }
    }

    private void invalid(HttpServerRequest request) {
        Exchange exchange = begin(request);
        onItsWay(exchange);
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        exchange.problem(statusOf(request.decoderResult().cause()), "").send(request.response());
        request.connection().close();
    }

    private Exchange begin(HttpServerRequest request) {
        traffic.begun();
        HttpServerRequestInternal internal = (HttpServerRequestInternal) request;
        Exchange exchange = new Exchange(internal, requestIds.assign(request));
        exchange.identity().scope("").enter(internal.context());
        return exchange;
    }

    /** For a response that no plugin writes. */
    private void onItsWay(Exchange exchange) {
        exchange.request().response().headersEndHandler(v -> traffic.head(exchange));
        exchange.request().response().endHandler(v -> traffic.ended(exchange));
    }

    private static int statusOf(Throwable failure) {
        if (failure instanceof TooLongHttpLineException) {
            return 414;
        }
        return failure instanceof TooLongHttpHeaderException ? 431 : 400;
    }
}
