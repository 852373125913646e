package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public server: brings each request to the plugin that it is for. Thread-safe. */
public final class HttpService {

    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);
    private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
    /** Below it, compression makes an answer hardly any shorter. */
    private static final int COMPRESSED_FROM_BYTES = 1024;

    private static final long CONCURRENT_STREAMS = 100;
    private static final long FULL_WARNING_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final HttpSettings settings;
    private final ContextInternal context;
    private final HttpServerOptions options;
    private final HttpServer server;
    private final Traffic traffic;
    private final Connections connections;
    private final Optional<Cors> cors;
    private final RequestIds requestIds = new RequestIds();
    private final PluginRoutes plugins;
    private final Handler<HttpServerRequest> pages;
    private volatile Optional<TlsSettings> tls;
    private long fullWarningNanos = System.nanoTime() - FULL_WARNING_NANOS;

    /**
     * Wires it; nothing listens yet.
     *
     * @param observer told of every request
     */
    public HttpService(Vertx vertx, HttpSettings settings, PluginSites sites, Health health, RequestObserver observer) {
        this.settings = settings;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.tls = settings.tls();
        this.options = options(settings);
        this.cors = settings.cors().map(Cors::new);
        this.traffic = new Traffic(new AnswerHeaders(settings.headers(), cors, settings.compression()), observer);
        this.connections =
                new Connections(context, Descriptors.leaveRoom(settings.limits().maxConnections()));
        this.plugins = new PluginRoutes(settings, sites, traffic, new Answers(context.nettyEventLoop()));
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
     * @return the actual port; fails when the address is taken or is not this machine's, or certificate and key are no pair
     */
    public Future<Integer> start() {
        return tls.map(this::checked).orElseGet(context::succeededFuture).compose(checked -> listen());
    }

    private Future<Void> checked(TlsSettings pair) {
        return context.executeBlocking(() -> {
            Certificates.check(context.owner(), pair);
            return null;
        });
    }

    private Future<Integer> listen() {
        // A server's connections live on the loop that it was started on.
        return Future.future(started -> context.runOnContext(
                v -> server.listen(settings.listen().port(), settings.listen().host())
                        .map(HttpServer::actualPort)
                        .recover(this::cannotListen)
                        .onComplete(started)));
    }

    private Future<Integer> cannotListen(Throwable failure) {
        ListenSettings listen = settings.listen();
        return Future.failedFuture(new IllegalStateException(
                "cannot listen on " + listen.host() + ":" + listen.port() + ": " + failure.getMessage()
                        + "; set backend.listen, or use --port 0 for any free port",
                failure));
    }

    /** Takes a renewed certificate for connections made from now on; all else needs a restart. What cannot be used is logged. */
    public void configChanged(Config root) {
        Problems problems = new Problems();
        Optional<TlsSettings> renewed = root.at("backend.https").isObject() && tls.isPresent()
                ? TlsSettings.read(root.at("backend"), problems)
                : Optional.empty();
        if (problems.hasErrors()) {
            LOG.error(
                    "the certificate is not renewed: {}",
                    problems.list().stream().map(Problem::toString).toList());
        } else if (renewed.isPresent() && !renewed.equals(tls)) {
            renew(renewed.get());
        }
    }

    private void renew(TlsSettings renewed) {
        ServerSSLOptions next = options.getSslOptions().copy();
        next.setKeyCertOptions(Certificates.options(renewed));
        checked(renewed)
                .compose(checked -> server.updateSSLOptions(next))
                .onSuccess(updated -> {
                    tls = Optional.of(renewed);
                    LOG.info("the certificate is renewed");
                })
                .onFailure(failure -> LOG.error("the certificate is not renewed: {}", failure.getMessage()));
    }

    /**
     * Takes no more work: readiness says no and callers are told to go elsewhere; then, after the configured delay, new
     * connections are refused; requests in flight, and those on their way, may finish.
     *
     * @return completes when all have, or their time is over; never fails
     */
    public Future<Void> drain() {
        return drain(settings.shutdownDelay());
    }

    /** The same without the delay, when nobody was told yet to send requests here. */
    public Future<Void> drainAtOnce() {
        return drain(Duration.ZERO);
    }

    private Future<Void> drain(Duration delay) {
        traffic.drain();
        return delay(delay.toMillis())
                .compose(v -> Future.<Void>future(done -> context.runOnContext(now -> connections
                        .stopListening()
                        .compose(closed -> connections.finish(settings.shutdownTimeout()))
                        .onComplete(done))))
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

    private HttpServerOptions options(HttpSettings settings) {
        ServerLimits limits = settings.limits();
        HttpServerOptions http = new HttpServerOptions()
                .setIdleTimeout(Math.toIntExact(limits.idleTimeout().toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(limits.maxHeaderBytes())
                .setInitialSettings(new Http2Settings()
                        .setMaxHeaderListSize(limits.maxHeaderBytes())
                        .setMaxConcurrentStreams(CONCURRENT_STREAMS))
                .setCompressionSupported(settings.compression())
                .setCompressionContentSizeThreshold(COMPRESSED_FROM_BYTES)
                // A proxy that passes on the request to change the protocol would be blind to what follows.
                .setHttp2ClearTextEnabled(false)
                // Plugins serve no web sockets.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
        if (settings.tls().isPresent()) {
            http.setSsl(true)
                    .setUseAlpn(true)
                    .setSslHandshakeTimeout(Math.max(1, limits.headersTimeout().toMillis()))
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setKeyCertOptions(Certificates.options(settings.tls().get()));
        }
        return http;
    }

    private Future<Void> delay(long millis) {
        return millis < 1 ? Future.succeededFuture() : context.timer(millis).mapEmpty();
    }

    private void connected(HttpConnection connection) {
        connections.admit(connection).ifPresentOrElse(link -> guard(connection, link), () -> full(connection));
    }

    private void guard(HttpConnection connection, Link link) {
        ChannelPipeline pipeline = channel(connection).pipeline();
        ServerLimits limits = settings.limits();
        if (pipeline.get("idle") != null) {
            pipeline.replace("idle", "idle", new IdleClock(link, limits.idleTimeout()));
        }
        if (pipeline.get("httpDecoder") != null) {
            pipeline.replace(
                    "httpDecoder",
                    "httpDecoder",
                    new StrictRequestDecoder(
                            options,
                            limits.headersTimeout(),
                            first -> tooSlow(connection, first),
                            request -> brokenBody(connection, link, request)));
        }
        // Before what cuts a file into parts, so that it sees each.
        pipeline.addBefore(
                pipeline.get("chunkedWriter") == null ? "handler" : "chunkedWriter", "fairWrites", new FairWrites());
    }

    private void full(HttpConnection connection) {
        if (System.nanoTime() - fullWarningNanos > FULL_WARNING_NANOS) {
            fullWarningNanos = System.nanoTime();
            LOG.warn(
                    "{} connections are open, no more are taken; see backend.server.maxConnections, and the process's limit of open files",
                    connections.count());
        }
        refuse(connection, 503, "too many connections");
    }

    /** While another answer is on its way, there is no place for this one. */
    private void tooSlow(HttpConnection connection, boolean first) {
        if (first) {
            refuse(connection, 408, "the request's headers did not come in time");
        } else {
            connection.close();
        }
    }

    /** What comes after it on this connection cannot be told from it. */
    private static void brokenBody(HttpConnection connection, Link link, int request) {
        if (link.requests() == request) {
            link.visit().ifPresent(Visit::refuseBody);
        }
        connection.close();
    }

    private void refuse(HttpConnection connection, int status, String detail) {
        if (channel(connection).pipeline().get("httpEncoder") == null) {
            connection.close();
        } else {
            RawAnswers.refuse(channel(connection), new ProblemDetails(status, detail, requestIds.next()));
        }
    }

    private static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }

    private void handle(HttpServerRequest request) {
        if (isBeyondTheLast(request)) {
            request.connection().close();
            return;
        }
        // Before the server adds its own.
        boolean tooManyHeaders = tooManyHeaders(request);
        Exchange exchange = begin(request);
        if (tooManyHeaders) {
            refuse(exchange, 431, "a request has at most " + settings.limits().maxHeadersCount() + " headers");
        } else if (!isAddressed(request)) {
            refuse(exchange, 400, "exactly one Host header is needed, which names a host");
        } else if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING) && !isChunkedOnly(request)) {
            refuseCoding(exchange);
        } else if (cors.isPresent() && Cors.isPreflight(request)) {
            onItsWay(exchange);
            cors.get().answerPreflight(request);
        } else if (!plugins.handle(exchange)) {
            if (HealthPages.isOne(request.path())) {
                exchange.matched(request.path());
            }
            onItsWay(exchange);
            pages.handle(request);
        }
    }

    /** It was sent before its caller could know that the connection takes no more. */
    private boolean isBeyondTheLast(HttpServerRequest request) {
        int max = settings.limits().maxRequestsPerSocket();
        return max > 0
                && request.version() != HttpVersion.HTTP_2
                && connections.of(request.connection()).requests() >= max;
    }

    private boolean tooManyHeaders(HttpServerRequest request) {
        int max = settings.limits().maxHeadersCount();
        return max > 0 && request.headers().entries().size() > max;
    }

    /** Without it, with two, or with one that is none, proxies and servers disagree on whom it is for. */
    private static boolean isAddressed(HttpServerRequest request) {
        return request.version() != HttpVersion.HTTP_1_1
                || (request.headers().getAll(HttpHeaders.HOST).size() == 1 && request.authority() != null);
    }

    private static boolean isChunkedOnly(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_1 && codings(request).equals(HttpHeaders.CHUNKED.toString());
    }

    /** Without spaces, in lower case. */
    private static String codings(HttpServerRequest request) {
        return String.join(",", request.headers().getAll(HttpHeaders.TRANSFER_ENCODING))
                .replaceAll("[ \\t]", "")
                .toLowerCase(Locale.ROOT);
    }

    /** As RFC 9112 has it: where its body ends is either unknown, or known and the body of no use. */
    private void refuseCoding(Exchange exchange) {
        String codings = codings(exchange.request());
        boolean endIsKnown = exchange.request().version() == HttpVersion.HTTP_1_1
                && codings.indexOf("chunked") == codings.length() - "chunked".length();
        refuse(exchange, endIsKnown ? 501 : 400, "a request's Transfer-Encoding can only be chunked, in HTTP/1.1");
    }

    private void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = statusOf(cause);
        refuse(
                begin(request),
                status,
                switch (status) {
                    case 414 -> "a request's first line has at most " + MAX_REQUEST_LINE_BYTES + " bytes";
                    case 431 ->
                        "a request's headers have at most " + settings.limits().maxHeaderBytes() + " bytes";
                    default ->
                        "this is no HTTP request as it must be: " + Printable.of(String.valueOf(cause.getMessage()));
                });
    }

    /** What follows on this connection may be anything. */
    private void refuse(Exchange exchange, int status, String detail) {
        onItsWay(exchange);
        exchange.announceEnd();
        exchange.problem(status, detail).send(exchange.request().response());
        if (exchange.isMultiplexed()) {
            exchange.closeSoon();
        } else {
            exchange.cutOff();
        }
    }

    private Exchange begin(HttpServerRequest request) {
        traffic.begun();
        HttpServerRequestInternal internal = (HttpServerRequestInternal) request;
        Link link = connections.of(request.connection());
        boolean last = link.begun() == settings.limits().maxRequestsPerSocket();
        Exchange exchange = new Exchange(internal, link, last, requestIds.assign(request), settings.proxies());
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
