package dev.plinth.bench;

import java.util.List;

/** The figures of one benchmark: a row for each shape, metric and contender. */
record Outcome(Benchmark benchmark, List<Row> rows) {

    /** @param median over the rounds */
    record Row(String shape, Metric metric, String contender, boolean isBaseline, double median, Ratio ratio) {}
}
