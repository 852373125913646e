package dev.plinth.example.catalog;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers questions about the catalog, as JSON. */
final class CatalogReader {

    private final Pool pool;

    CatalogReader(Pool pool) {
        this.pool = pool;
    }

    /** A page of entities, and the cursor of the next one, if any. */
    Future<JsonObject> entities(EntityQuery query) {
        return execute(query.page()).map(rows -> page(rows, query.limit()));
    }

    /** One entity with its relations, or nothing. */
    Future<Optional<JsonObject>> entity(EntityRef ref) {
        Tuple parameters = Tuple.of(ref.toString());
        return pool.preparedQuery("SELECT document FROM entity WHERE wins AND ref = $1")
                .execute(parameters)
                .compose(found -> found.size() == 0
                        ? Future.succeededFuture(Optional.empty())
                        : relations(parameters)
                                .map(relations ->
                                        document(found.iterator().next()).put("relations", relations))
                                .map(Optional::of));
    }

    /** What is wrong with documents that are not in the catalog. */
    Future<JsonArray> errors() {
        return pool.query(
                        """
                        SELECT path, line, position, reason FROM problem
                        UNION ALL
                        SELECT e.path, e.line, e.position,
                            e.ref || ' is already defined in ' || w.path || ', line ' || CAST(w.line AS TEXT)
                        FROM entity e JOIN entity w ON w.ref = e.ref AND w.wins
                        WHERE NOT e.wins
                        ORDER BY path, line, position""")
                .execute()
                .map(rows -> {
                    JsonArray errors = new JsonArray();
                    rows.forEach(row -> errors.add(new JsonObject()
                            .put("file", row.getString("path"))
                            .put("line", row.getInteger("line"))
                            .put("reason", row.getString("reason"))));
                    return errors;
                });
    }

    /** The values of one property, with the number of entities that have each. */
    Future<JsonArray> facet(EntityQuery query, String property) {
        return execute(query.facet(property)).map(rows -> facet(rows, property));
    }

    private Future<RowSet<Row>> execute(EntityQuery.Statement statement) {
        return pool.preparedQuery(statement.sql()).execute(statement.parameters());
    }

    private Future<JsonArray> relations(Tuple ref) {
        return pool.preparedQuery(
                        """
                        SELECT DISTINCT r.type, r.target
                        FROM relation r JOIN entity e ON e.path = r.path AND e.position = r.position
                        WHERE e.wins AND r.source = $1
                        ORDER BY r.type, r.target""")
                .execute(ref)
                .map(rows -> {
                    JsonArray relations = new JsonArray();
                    rows.forEach(row -> relations.add(new JsonObject()
                            .put("type", row.getString("type"))
                            .put("targetRef", row.getString("target"))));
                    return relations;
                });
    }

    private static JsonObject page(RowSet<Row> rows, int limit) {
        List<Row> found = new ArrayList<>();
        rows.forEach(found::add);
        boolean more = found.size() > limit;
        List<Row> page = more ? found.subList(0, limit) : found;
        JsonArray items = new JsonArray();
        page.forEach(row -> items.add(document(row)));
        String next = more ? new Cursor(page.get(limit - 1).getString("ref")).encode() : null;
        return new JsonObject().put("items", items).put("nextCursor", next);
    }

    /** Kinds that differ in case only are one. */
    private static JsonArray facet(RowSet<Row> rows, String property) {
        Map<String, JsonObject> values = new LinkedHashMap<>();
        for (Row row : rows) {
            String value = row.getString("value");
            String key = property.equalsIgnoreCase("kind") ? Texts.fold(value) : value;
            JsonObject counted = values.computeIfAbsent(
                    key, none -> new JsonObject().put("value", value).put("count", 0L));
            counted.put("count", counted.getLong("count") + row.getLong("entities"));
        }
        return new JsonArray(List.copyOf(values.values()));
    }

    private static JsonObject document(Row row) {
        return row.getJsonObject("document");
    }
}
