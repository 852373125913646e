package dev.plinth.runtime.http;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.ext.web.Router;
import org.junit.jupiter.api.Test;

/** The route that metrics and the access log name. */
class RouteTemplateTest {

    @Test
    void tellsTheWholeTemplateOfARouteInARouterInARouter() throws Exception {
        try (PublicServer server = PublicServer.start("{}")) {
            Router items = Router.router(server.vertx);
            items.get("/:id").handler(request -> request.response().end("item"));
            Router v1 = Router.router(server.vertx);
            v1.get("/hello").handler(request -> request.response().end("hello"));
            v1.route("/items/*").subRouter(items);
            Router plugin = server.plugin("todo");
            plugin.route("/*").handler(request -> request.next());
            plugin.route("/v1/*").subRouter(v1);
            plugin.get("/plain/:id").handler(request -> request.response().end("plain"));

            server.get("/api/todo/v1/items/7", "");
            server.get("/api/todo/v1/hello", "");
            server.get("/api/todo/plain/7", "");

            // The caller may have its answer before the server has counted it.
            eventually(() -> server.answered.size() == 3);
            assertThat(server.answered)
                    .extracting(AnsweredRequest::route)
                    .containsExactly("/api/todo/v1/items/:id", "/api/todo/v1/hello", "/api/todo/plain/:id");
        }
    }
}
