package dev.plinth.runtime.http.metrics;

import dev.plinth.runtime.http.admin.MetricsPage.Page;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes metrics down, with those of the JVM. Blocks for some milliseconds, the first time for some tens. */
final class Exposition {

    private final PrometheusRegistry jvm = new PrometheusRegistry();
    private final ExpositionFormatWriter prometheus = PrometheusTextFormatWriter.create();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

    Exposition() {
        JvmMetrics.builder().register(jvm);
    }

    Page page(@Nullable String accept, Families families) {
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : prometheus;
        List<MetricSnapshot> all = new ArrayList<>(families.snapshots());
        jvm.scrape().forEach(all::add);
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        try {
            writer.write(page, new MetricSnapshots(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(writer.getContentType(), Buffer.buffer(page.toByteArray()));
    }
}
