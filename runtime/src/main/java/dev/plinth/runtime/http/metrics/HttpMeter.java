package dev.plinth.runtime.http.metrics;

import dev.plinth.runtime.http.AnsweredRequest;
import dev.plinth.runtime.http.RequestObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts requests by plugin, route and method. Any thread; without locks or garbage once a route is known, as every request
 * passes here.
 */
public final class HttpMeter implements RequestObserver {

    /** Stands for routes beyond the limit, which a plugin that makes routes while running could pass. */
    static final String OTHER = "other";

    private static final int MAX_ROUTES = 500;
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE");

    private final ConcurrentMap<String, Plugin> plugins = new ConcurrentHashMap<>();

    @Override
    public void answered(AnsweredRequest request) {
        Plugin plugin = plugins.get(request.plugin());
        if (plugin == null) {
            plugin = plugins.computeIfAbsent(request.plugin(), Plugin::new);
        }
        plugin.route(request.route())
                .method(METHODS.contains(request.method()) ? request.method() : OTHER)
                .count(request);
    }

    /** One for each plugin, route and method that was asked for. */
    List<RouteMeter> routes() {
        List<RouteMeter> all = new ArrayList<>();
        for (Plugin plugin : plugins.values()) {
            plugin.routes.values().forEach(route -> all.addAll(route.methods.values()));
        }
        return all;
    }

    /** One plugin's routes; the empty id is that of pages that no plugin serves. */
    private static final class Plugin {

        private final String id;
        private final ConcurrentMap<String, Route> routes = new ConcurrentHashMap<>();
        private final AtomicInteger known = new AtomicInteger();

        Plugin(String id) {
            this.id = id;
        }

        Route route(String template) {
            Route route = routes.get(template);
            return route != null ? route : newRoute(template);
        }

        private Route newRoute(String template) {
            String name = known.get() < MAX_ROUTES ? template : OTHER;
            return routes.computeIfAbsent(name, added -> {
                known.incrementAndGet();
                return new Route(id, added);
            });
        }
    }

    private static final class Route {

        private final String plugin;
        private final String template;
        private final ConcurrentMap<String, RouteMeter> methods = new ConcurrentHashMap<>();

        Route(String plugin, String template) {
            this.plugin = plugin;
            this.template = template;
        }

        RouteMeter method(String method) {
            RouteMeter meter = methods.get(method);
            return meter != null
                    ? meter
                    : methods.computeIfAbsent(method, added -> new RouteMeter(plugin, template, added));
        }
    }
}
