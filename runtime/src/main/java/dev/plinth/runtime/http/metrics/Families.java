package dev.plinth.runtime.http.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Collects the values of one scrape. Used by one thread. */
public final class Families {

    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
    private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
    private final Map<String, HistogramSnapshot.Builder> histograms = new LinkedHashMap<>();

    /** A value that goes up and down. Labels are names and values in turn. */
    public void gauge(String name, String help, double value, String... labels) {
        gauges.computeIfAbsent(name, added -> GaugeSnapshot.builder().name(name).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value(value)
                        .labels(Labels.of(labels))
                        .build());
    }

    /** A value that only grows; {@code _total} is added to its name. */
    public void counter(String name, String help, long value, String... labels) {
        counters.computeIfAbsent(
                        name, added -> CounterSnapshot.builder().name(name).help(help))
                .dataPoint(CounterDataPointSnapshot.builder()
                        .value((double) value)
                        .labels(Labels.of(labels))
                        .build());
    }

    /**
     * How often something had which value.
     *
     * @param buckets how many were at most each bound, and above the one before; the last bound is infinity
     */
    public void histogram(String name, String help, Map<Double, Long> buckets, double sum, String... labels) {
        ClassicHistogramBuckets.Builder counts = ClassicHistogramBuckets.builder();
        buckets.forEach(counts::bucket);
        histograms
                .computeIfAbsent(
                        name, added -> HistogramSnapshot.builder().name(name).help(help))
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(counts.build())
                        .sum(sum)
                        .labels(Labels.of(labels))
                        .build());
    }

    List<MetricSnapshot> snapshots() {
        List<Supplier<? extends MetricSnapshot>> all = new ArrayList<>();
        gauges.values().forEach(builder -> all.add(builder::build));
        counters.values().forEach(builder -> all.add(builder::build));
        histograms.values().forEach(builder -> all.add(builder::build));
        return all.stream().<MetricSnapshot>map(Supplier::get).toList();
    }
}
