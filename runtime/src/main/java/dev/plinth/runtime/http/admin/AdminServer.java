package dev.plinth.runtime.http.admin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.http.ListenSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.ext.web.Router;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server for operators, on a port and an event loop of its own. Thread-safe. */
public final class AdminServer {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    /** A reload waits for a plugin to stop, migrate and start, and says nothing meanwhile. */
    private static final int IDLE_SECONDS = 600;

    private final Vertx vertx;
    private final AdminSettings settings;
    private final Operations operations;
    private final MetricsPage metrics;
    private final AdminGuard guard;
    private volatile Optional<Secret> token;
    private final ContextInternal context;
    private volatile @Nullable HttpServer server;
    /** Used on the server's event loop only. */
    private @Nullable Router router;

    public AdminServer(Vertx vertx, AdminSettings settings, Operations operations, MetricsPage metrics) {
        this.vertx = vertx;
        this.settings = settings;
        this.operations = operations;
        this.metrics = metrics;
        this.token = settings.token();
        this.guard = new AdminGuard(token);
        this.context = ((VertxInternal) vertx).createEventLoopContext();
    }

    /**
     * Begins to listen. When the default port is taken, as by a second backend on a laptop, any free one is used, and a warning
     * says which; a configured one that is taken is a failure.
     *
     * @return where it listens
     */
    public Future<ListenSettings> start() {
        return listen(settings.listen().port()).recover(this::elsewhere).map(listening -> {
            server = listening;
            return new ListenSettings(settings.listen().host(), listening.actualPort());
        });
    }

    /**
     * Asks for a renewed token from now on, as the verbs do that read the same configuration. One that is gone is asked for until a
     * restart: without it the server may be open to others.
     */
    public void configChanged(Config root) {
        Problems problems = new Problems();
        Optional<Secret> renewed = AdminSettings.read(root, problems).token();
        if (!problems.hasErrors() && renewed.isPresent() && !renewed.equals(token)) {
            token = renewed;
            guard.use(renewed.get());
        }
    }

    /** On whose event loop the connections live. */
    public Context context() {
        return context;
    }

    public Future<Void> close() {
        HttpServer open = server;
        return open == null ? Future.succeededFuture() : open.close();
    }

    private Future<HttpServer> listen(int port) {
        return Future.future(started -> context.runOnContext(v -> vertx.createHttpServer(options())
                .requestHandler(this::handle)
                .listen(port, settings.listen().host())
                .onComplete(started)));
    }

    private Future<HttpServer> elsewhere(Throwable failure) {
        ListenSettings listen = settings.listen();
        if (settings.chosen() || !(failure instanceof BindException)) {
            return Future.failedFuture(new IllegalStateException(
                    "cannot listen on " + listen.host() + ":" + listen.port() + " for operators: "
                            + failure.getMessage() + "; set backend.admin.listen, with port 0 for any free one",
                    failure));
        }
        return listen(0)
                .onSuccess(other -> LOG.warn(
                        "the admin server is at http://{}:{}: port {} is taken, maybe by another backend;"
                                + " give verbs --url, or set backend.admin.listen",
                        listen.host(),
                        other.actualPort(),
                        listen.port()));
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setHttp2ClearTextEnabled(false);
    }

    /** Most backends are never asked, so nothing is made before the first request. */
    private void handle(HttpServerRequest request) {
        Router ready = router;
        if (ready == null) {
            ready = new AdminRoutes(vertx, operations, metrics).router(guard);
            router = ready;
        }
        ready.handle(request);
    }
}
