package dev.plinth.bench;

import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A plugin that writes and reads once, and then waits for requests. Its jar names it. */
public final class RestingPlugin implements Plugin {

    static final String ID = "resting-id";
    static final String MIGRATION = "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL);";

    @Override
    public String id() {
        try (InputStream name = Objects.requireNonNull(RestingPlugin.class.getResourceAsStream("/" + ID))) {
            return new String(name.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Future<?> start(PluginContext context) {
        return context.database()
                .compose(pool -> pool.preparedQuery("INSERT INTO item VALUES ($1, $2) ON CONFLICT DO NOTHING")
                        .execute(Tuple.of(1, "one"))
                        .compose(written -> pool.query("SELECT title FROM item").execute())
                        .onSuccess(read -> context.router().get("/items").respond(request -> pool.query(
                                        "SELECT title FROM item")
                                .execute()
                                .map(rows -> rows.size()))));
    }
}
