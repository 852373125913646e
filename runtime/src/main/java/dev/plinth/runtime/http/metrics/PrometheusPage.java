package dev.plinth.runtime.http.metrics;

import dev.plinth.runtime.http.admin.MetricsPage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All metrics, in the text format of Prometheus or of OpenMetrics. Until the first scrape nothing of the library that knows the
 * formats and the JVM's metrics is loaded, and afterwards it does nothing between scrapes.
 */
public final class PrometheusPage implements MetricsPage {

    private final Vertx vertx;
    private final HttpMeter http;
    private final LoopLag lag;
    private final Supplier<Future<Consumer<Families>>> backend;
    /** Made by the first scrape. */
    private @Nullable Exposition exposition;

    /**
     * A page of all that is counted.
     *
     * @param backend gathers what plugins and databases do now, to be written down off the event loop
     */
    public PrometheusPage(Vertx vertx, HttpMeter http, LoopLag lag, Supplier<Future<Consumer<Families>>> backend) {
        this.vertx = vertx;
        this.http = http;
        this.lag = lag;
        this.backend = backend;
    }

    @Override
    public Future<Page> render(@Nullable String accept) {
        return backend.get().compose(values -> vertx.executeBlocking(() -> write(accept, values)));
    }

    private synchronized Page write(@Nullable String accept, Consumer<Families> values) {
        if (exposition == null) {
            exposition = new Exposition();
        }
        Families families = new Families();
        http.routes().forEach(route -> add(route, families));
        lag.measure()
                .forEach((loop, seconds) -> families.gauge(
                        "plinth_event_loop_lag_seconds",
                        "Longest wait of a task on the event loop within the last minute",
                        seconds,
                        "loop",
                        loop));
        values.accept(families);
        return exposition.page(accept, families);
    }

    private static void add(RouteMeter route, Families families) {
        String[] labels = {"plugin", route.plugin(), "route", route.route(), "method", route.method()};
        families.histogram(
                "plinth_http_request_duration_seconds",
                "From a request's arrival to the end of its answer",
                route.durations(),
                route.seconds(),
                labels);
        families.counter("plinth_http_request_bytes", "Bytes of requests' bodies", route.bytesRead(), labels);
        families.counter("plinth_http_response_bytes", "Bytes of answers' bodies", route.bytesWritten(), labels);
        route.statuses()
                .forEach((status, count) -> families.counter(
                        "plinth_http_requests",
                        "Requests that were answered",
                        count,
                        "plugin",
                        route.plugin(),
                        "route",
                        route.route(),
                        "method",
                        route.method(),
                        "status",
                        String.valueOf(status)));
    }
}
