package dev.plinth.runtime.http.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.http.AnsweredRequest;
import dev.plinth.runtime.http.admin.MetricsPage.Page;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HttpMeterTest {

    private final HttpMeter meter = new HttpMeter();

    @Test
    void countsByPluginRouteMethodAndStatus() {
        count("todo", "/api/todo/items", "GET", 200, 3);
        count("todo", "/api/todo/items", "GET", 200, 30);
        count("todo", "/api/todo/items", "GET", 500, 300);
        count("todo", "/api/todo/items/:id", "DELETE", 204, 20_000);

        RouteMeter items = route("/api/todo/items");
        assertThat(items.statuses()).containsEntry(200, 2L).containsEntry(500, 1L);
        assertThat(items.durations())
                .containsEntry(0.005, 1L)
                .containsEntry(0.05, 1L)
                .containsEntry(0.5, 1L);
        assertThat(items.seconds()).isEqualTo(0.333);
        assertThat(items.bytesRead()).isEqualTo(3);
        assertThat(items.bytesWritten()).isEqualTo(6);
        assertThat(route("/api/todo/items/:id").durations()).containsEntry(Double.POSITIVE_INFINITY, 1L);
    }

    @Test
    void doesNotGrowWithWhatCallersInvent() {
        IntStream.range(0, 2_000).forEach(i -> count("todo", "/route/" + i, "GET", 200, 1));
        IntStream.range(0, 2_000).forEach(i -> count("other", "/route", "METHOD" + i, 405, 1));

        assertThat(meter.routes()).hasSizeLessThan(510);
        assertThat(route("other").statuses().get(200)).isGreaterThan(1_400);
    }

    @Test
    void losesNothingWhenManyThreadsCount() {
        IntStream.range(0, 100_000).parallel().forEach(i -> count("todo", "/", "GET", 200 + i % 5, 1));

        assertThat(route("/").statuses().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(100_000);
        assertThat(route("/").durations().get(0.001)).isEqualTo(100_000);
    }

    @Test
    void escapesWhatRoutesMayHold() {
        Families families = new Families();
        families.gauge("some_gauge", "Help", 1.5, "route", "/a\"b\\c\nd");

        Page page = new Exposition().page(null, families);

        assertThat(page.contentType()).startsWith("text/plain");
        assertThat(page.body().toString())
                .contains("some_gauge{route=\"/a\\\"b\\\\c\\nd\"} 1.5")
                .contains("jvm_memory_used_bytes{area=\"heap\"}");
    }

    private RouteMeter route(String template) {
        return meter.routes().stream()
                .filter(route -> route.route().equals(template))
                .findFirst()
                .orElseThrow();
    }

    private void count(String plugin, String route, String method, int status, long millis) {
        meter.answered(new AnsweredRequest(plugin, route, method, status, TimeUnit.MILLISECONDS.toNanos(millis), 1, 2));
    }
}
