package dev.plinth.example.catalog;

import dev.plinth.plugin.Plugin;
import dev.plinth.plugin.PluginContext;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;

/**
 * A software catalog: reads the descriptor files that {@code catalog.locations} names, at start and on
 * {@code POST /api/catalog/refresh}, and answers questions about the entities in them.
 */
public final class CatalogPlugin implements Plugin {

    @Override
    public String id() {
        return "catalog";
    }

    @Override
    public Future<?> start(PluginContext context) {
        Locations locations = Locations.of(context.config());
        return context.database().compose(pool -> start(context, pool, locations));
    }

    private static Future<?> start(PluginContext context, Pool pool, Locations locations) {
        Refresher refresher = new Refresher(context.vertx(), new CatalogWriter(pool), locations);
        new CatalogApi(new CatalogReader(pool), refresher).mount(context.router());
        context.onConfigChange(config -> {
            refresher.setLocations(Locations.of(config));
            refresher.refresh();
        });
        context.health("refresh", refresher::last);
        // A refresh that fails leaves the catalog as it was, which is worth serving; the health check tells.
        return refresher.refresh().otherwiseEmpty();
    }
}
