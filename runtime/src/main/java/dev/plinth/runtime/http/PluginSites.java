package dev.plinth.runtime.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The plugins as HTTP sees them. Thread-safe; the backend says what happens, requests look it up. */
public final class PluginSites {

    private final ConcurrentMap<String, PluginSite> sites = new ConcurrentHashMap<>();

    /** Requests wait until it is something else. */
    public void starting(String pluginId, String reason) {
        site(pluginId).become(PluginSite.Phase.STARTING, reason, List.of());
    }

    /** Requests go to these endpoints, in turn. */
    public void serving(String pluginId, List<Endpoint> endpoints) {
        site(pluginId).become(PluginSite.Phase.SERVING, "", endpoints);
    }

    /** Requests are refused at once. The reason is shown to callers. */
    public void unavailable(String pluginId, String reason) {
        site(pluginId).become(PluginSite.Phase.UNAVAILABLE, reason, List.of());
    }

    /** Requests are answered as if it had never been there. */
    public void remove(String pluginId) {
        sites.remove(key(pluginId));
    }

    /** Completes when no request is in these instances any more; one that never ends keeps it open. */
    public Future<?> idle(String pluginId, List<Context> instances) {
        return find(pluginId).<Future<?>>map(site -> site.idle(instances)).orElseGet(Future::succeededFuture);
    }

    /** Refuses what these instances have not begun to answer, as they cannot now. The reason is shown to callers. */
    public void abandon(String pluginId, List<Context> instances, String reason) {
        find(pluginId).ifPresent(site -> site.abandon(instances, reason));
    }

    /** Forgets instances that have stopped; what is still in them is refused or broken off. The reason is shown to callers. */
    public void unmount(String pluginId, List<Context> instances, String reason) {
        find(pluginId).ifPresent(site -> site.unmount(instances, reason));
    }

    Optional<PluginSite> find(String pluginId) {
        PluginSite exact = sites.get(pluginId);
        return Optional.ofNullable(exact != null ? exact : sites.get(key(pluginId)));
    }

    private PluginSite site(String pluginId) {
        return sites.computeIfAbsent(key(pluginId), key -> new PluginSite(pluginId));
    }

    private static String key(String pluginId) {
        return pluginId.toLowerCase(Locale.ROOT);
    }
}
