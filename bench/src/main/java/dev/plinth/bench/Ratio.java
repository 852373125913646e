package dev.plinth.bench;

import java.util.Arrays;

/**
 * How many times one contender's figure is another's: the geometric mean over rounds, and the interval that holds the true ratio
 * with 95 % certainty, by Student's t of the logarithms. Each round is divided by the same round of the other, so that what
 * slowed the machine for a while slowed both.
 */
record Ratio(double mean, double low, double high) {

    /** Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom. */
    private static final double[] STUDENT = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    /** With a single round the interval is unbounded. */
    static Ratio of(double[] figures, double[] baseline) {
        int rounds = figures.length;
        double[] logs = new double[rounds];
        Arrays.setAll(logs, round -> Math.log(figures[round] / baseline[round]));
        double mean = Arrays.stream(logs).average().orElseThrow();
        if (rounds == 1) {
            return new Ratio(Math.exp(mean), 0, Double.POSITIVE_INFINITY);
        }
        double squares =
                Arrays.stream(logs).map(log -> (log - mean) * (log - mean)).sum();
        double margin = student(rounds - 1) * Math.sqrt(squares / (rounds - 1) / rounds);
        return new Ratio(Math.exp(mean), Math.exp(mean - margin), Math.exp(mean + margin));
    }

    private static double student(int degrees) {
        return degrees <= STUDENT.length ? STUDENT[degrees - 1] : 1.96;
    }

    static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
