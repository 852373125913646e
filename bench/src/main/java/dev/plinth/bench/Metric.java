package dev.plinth.bench;

/**
 * What a figure says.
 *
 * @param unit as the table's reader sees it, such as {@code statements/s}
 * @param moreIsBetter whether a ratio above 1 is good
 */
record Metric(String unit, boolean moreIsBetter) {

    static final Metric STATEMENTS = new Metric("statements/s", true);
    static final Metric MILLISECONDS = new Metric("ms", false);
}
