package dev.plinth.bench;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.LoggerHandler;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;

/**
 * The server that somebody would write for the same routes without Plinth: one verticle with Vert.x Web and its PostgreSQL pool. A
 * process of its own.
 */
final class HandWritten extends VerticleBase {

    static final String READY = "ready ";
    static final String ACCESS_LOG = "access-log";
    private static final int CONNECTIONS = 10;

    private final String database;
    private final boolean accessLog;

    private HandWritten(String database, boolean accessLog) {
        this.database = database;
        this.accessLog = accessLog;
    }

    /**
     * Serves until the process is ended.
     *
     * @param args the database's URI, and {@value #ACCESS_LOG} or nothing else; none for a server without routes
     */
    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(args.length == 0 ? new Empty() : new HandWritten(args[0], args[1].equals(ACCESS_LOG)))
                .onFailure(failure -> {
                    System.err.println(failure);
                    System.exit(1);
                });
    }

    @Override
    public Future<?> start() {
        Pool pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(CONNECTIONS))
                .connectingTo(PgConnectOptions.fromUri(database).setCachePreparedStatements(true))
                .using(vertx)
                .build();
        Router router = Router.router(vertx);
        if (accessLog) {
            router.route().handler(LoggerHandler.create());
        }
        HttpPlugin.routes(router, "/api/" + HttpPlugin.ID, pool);
        return listen(vertx, router);
    }

    private static Future<?> listen(Vertx vertx, Router router) {
        return vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .map(HttpServer::actualPort)
                .onSuccess(port -> System.out.println(READY + "http://127.0.0.1:" + port + " "));
    }

    /** The least that starts and answers. */
    static final class Empty extends VerticleBase {

        @Override
        public Future<?> start() {
            Router router = Router.router(vertx);
            router.get("/hello").handler(HttpPlugin::hello);
            return listen(vertx, router);
        }
    }
}
