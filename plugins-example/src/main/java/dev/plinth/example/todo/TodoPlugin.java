package dev.plinth.example.todo;

import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginContext;
import dev.plinth.plugin.Rows;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/** A list of things to do: {@code GET /api/todo/items} shows it, {@code POST /api/todo/items {"title"}} adds to it. */
public final class TodoPlugin implements Plugin {

    private static final String ITEM = "id, title, done, created_at AS \"createdAt\"";

    @Override
    public String id() {
        return "todo";
    }

    @Override
    public Future<?> start(PluginContext context) {
        return context.database().onSuccess(pool -> {
            context.router().get("/items").respond(request -> list(pool));
            context.router().post("/items").handler(BodyHandler.create(false)).respond(request -> add(pool, request));
        });
    }

    private static Future<?> list(Pool pool) {
        return pool.query("SELECT " + ITEM + " FROM item ORDER BY created_at, id")
                .execute()
                .map(Rows::toJson);
    }

    private static Future<?> add(Pool pool, RoutingContext request) {
        Tuple item = Tuple.of(UUID.randomUUID().toString(), title(request), OffsetDateTime.now(ZoneOffset.UTC));
        return pool.preparedQuery("INSERT INTO item (id, title, created_at) VALUES ($1, $2, $3) RETURNING " + ITEM)
                .execute(item)
                .map(rows -> {
                    request.response().setStatusCode(201);
                    return Rows.toJson(rows).getJsonObject(0);
                });
    }

    private static String title(RoutingContext request) {
        try {
            if (!request.body().isEmpty()
                    && Json.decodeValue(request.body().buffer()) instanceof JsonObject item
                    && item.getValue("title") instanceof String title
                    && !title.isBlank()
                    && title.indexOf('\0') < 0) {
                return title;
            }
            throw new HttpException(400, "title must be a non-empty text, without U+0000");
        } catch (DecodeException e) {
            throw new HttpException(400, "the body must be JSON such as {\"title\": \"buy milk\"}", e);
        }
    }
}
