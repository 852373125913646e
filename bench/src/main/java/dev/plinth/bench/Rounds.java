package dev.plinth.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Measures the contenders of a shape in turn, in another order each round, after a warm-up. */
final class Rounds {

    private final int rounds;
    private final int slices;
    private final Duration time;
    private final Predicate<Shape> chosen;
    private final Consumer<String> progress;
    private final Random random = new Random(1);

    /**
     * @param slices parts of each measurement, each in turn with the other contenders': what slows the machine for a moment slows all
     * @param time for each measurement
     * @param chosen which shapes are measured
     */
    Rounds(int rounds, int slices, Duration time, Predicate<Shape> chosen, Consumer<String> progress) {
        this.rounds = rounds;
        this.slices = slices;
        this.time = time;
        this.chosen = chosen;
        this.progress = progress;
    }

    Outcome run(Benchmark benchmark, Setup setup) throws Exception {
        List<Outcome.Row> rows = new ArrayList<>();
        for (Shape shape : benchmark.shapes(setup).stream().filter(chosen).toList()) {
            progress.accept(benchmark.name() + ": " + shape.name());
            rows.addAll(run(shape, benchmark.warmUp()));
        }
        return new Outcome(benchmark, rows);
    }

    private List<Outcome.Row> run(Shape shape, Duration warmUp) throws Exception {
        List<Contender> opened = new ArrayList<>();
        try {
            for (Contender contender : shape.contenders()) {
                opened.add(contender);
                contender.open();
            }
            return rows(shape, measure(shape.contenders(), warmUp));
        } finally {
            for (Contender contender : opened) {
                contender.close();
            }
        }
    }

    /** Figures by contender, round and metric. */
    private double[][][] measure(List<Contender> contenders, Duration warmUp) throws Exception {
        double[][][] figures = new double[contenders.size()][rounds][];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            order.add(i);
            contenders.get(i).measure(time.compareTo(warmUp) > 0 ? time : warmUp);
        }
        for (int round = 0; round < rounds; round++) {
            for (int slice = 0; slice < slices; slice++) {
                Collections.shuffle(order, random);
                for (int i : order) {
                    double[] figure = contenders.get(i).measure(time.dividedBy(slices));
                    figures[i][round] = slice == 0 ? figure : plus(figures[i][round], figure);
                }
            }
        }
        return figures;
    }

    /** The sum stands for the mean: figures are compared with such of as many slices. */
    private static double[] plus(double[] one, double[] other) {
        double[] sum = new double[one.length];
        Arrays.setAll(sum, i -> one[i] + other[i]);
        return sum;
    }

    private List<Outcome.Row> rows(Shape shape, double[][][] figures) {
        List<Outcome.Row> rows = new ArrayList<>();
        for (int metric = 0; metric < shape.metrics().size(); metric++) {
            double[] baseline = column(figures[0], metric);
            for (int i = 0; i < figures.length; i++) {
                double[] own = column(figures[i], metric);
                Outcome.Row row = new Outcome.Row(
                        shape.name(),
                        shape.metrics().get(metric),
                        shape.contenders().get(i).name(),
                        i == 0,
                        Ratio.median(own) / slices,
                        Ratio.of(own, baseline));
                rows.add(row);
                progress.accept("    " + Report.line(row));
            }
        }
        return rows;
    }

    private static double[] column(double[][] rounds, int metric) {
        double[] column = new double[rounds.length];
        for (int round = 0; round < rounds.length; round++) {
            column[round] = rounds[round][metric];
        }
        return column;
    }
}
