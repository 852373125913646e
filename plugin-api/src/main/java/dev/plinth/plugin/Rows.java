package dev.plinth.plugin;

import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;

/** Turns rows into JSON. */
public final class Rows {

    private Rows() {}

    /** One JSON object per row, with the column names as keys. */
    public static JsonArray toJson(RowSet<Row> rows) {
        JsonArray array = new JsonArray();
        for (Row row : rows) {
            array.add(row.toJson());
        }
        return array;
    }
}
