package dev.plinth.example.catalog;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import java.util.Optional;

/** The routes below {@code /api/catalog}. */
final class CatalogApi {

    private final CatalogReader reader;
    private final Refresher refresher;

    CatalogApi(CatalogReader reader, Refresher refresher) {
        this.reader = reader;
        this.refresher = refresher;
    }

    void mount(Router router) {
        router.get("/entities").respond(request -> reader.entities(EntityQuery.of(request.queryParams())));
        router.get("/entities/by-name/:kind/:namespace/:name").respond(this::entity);
        router.get("/facets").respond(this::facets);
        router.get("/errors").respond(request -> reader.errors());
        router.post("/refresh").respond(request -> refresh());
    }

    private Future<JsonObject> entity(RoutingContext request) {
        EntityRef ref =
                new EntityRef(request.pathParam("kind"), request.pathParam("namespace"), request.pathParam("name"));
        return find(ref).map(found -> found.orElseThrow(() -> new HttpException(404, "no entity " + ref)));
    }

    /** Looks for nothing that cannot be there: PostgreSQL refuses text with U+0000, SQLite does not. */
    private Future<Optional<JsonObject>> find(EntityRef ref) {
        return ref.toString().indexOf('\0') < 0 ? reader.entity(ref) : Future.succeededFuture(Optional.empty());
    }

    private Future<JsonObject> facets(RoutingContext request) {
        List<String> names = EntityQuery.values(request.queryParams(), "facet");
        if (names.isEmpty()) {
            throw new HttpException(400, "facet: missing, such as facet=kind");
        }
        EntityQuery query = EntityQuery.of(request.queryParams());
        JsonObject facets = new JsonObject();
        Future<?> counted = Future.succeededFuture();
        for (String name : names) {
            counted = counted.compose(done -> reader.facet(query, name)).map(values -> facets.put(name, values));
        }
        return counted.map(new JsonObject().put("facets", facets));
    }

    private Future<JsonObject> refresh() {
        return refresher.refresh().map(result -> new JsonObject()
                .put("filesRead", result.read())
                .put("filesStored", result.stored())
                .put("filesRemoved", result.removed()));
    }
}
