package dev.plinth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes an outcome down: a table in Markdown, and a chart. */
final class Report {

    private final Path directory;
    private final String conditions;

    /** @param conditions where, when and how it was measured */
    Report(Path directory, String conditions) {
        this.directory = directory;
        this.conditions = conditions;
    }

    void write(Outcome outcome) throws IOException {
        String name = outcome.benchmark().name();
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(name + ".md"), markdown(outcome));
        Files.writeString(directory.resolve(name + ".svg"), Chart.of(outcome));
    }

    String markdown(Outcome outcome) {
        Benchmark benchmark = outcome.benchmark();
        StringBuilder text = new StringBuilder();
        text.append("# ").append(benchmark.title()).append("\n\n");
        text.append(benchmark.explanation().strip()).append("\n\n");
        text.append("![chart](").append(benchmark.name()).append(".svg)\n\n");
        text.append("| shape | contender | median | ratio | 95 % interval |\n");
        text.append("| --- | --- | ---: | ---: | --- |\n");
        String shape = "";
        for (Outcome.Row row : outcome.rows()) {
            text.append("| ").append(row.shape().equals(shape) ? "" : row.shape());
            text.append(" | ").append(row.contender());
            text.append(" | ")
                    .append(figure(row.median()))
                    .append(' ')
                    .append(row.metric().unit());
            text.append(" | ")
                    .append(row.isBaseline() ? "1" : number(row.ratio().mean()));
            text.append(" | ")
                    .append(row.isBaseline() ? "" : interval(row.ratio()))
                    .append(" |\n");
            shape = row.shape();
        }
        return text.append("\n").append(conditions).append("\n").toString();
    }

    /** For who watches a run. */
    static String line(Outcome.Row row) {
        String ratio = row.isBaseline() ? "" : "  " + number(row.ratio().mean()) + "  " + interval(row.ratio());
        return String.format(
                Locale.ROOT,
                "%-28s %10s %s%s",
                row.contender(),
                figure(row.median()),
                row.metric().unit(),
                ratio);
    }

    static String interval(Ratio ratio) {
        return Double.isInfinite(ratio.high()) ? "" : number(ratio.low()) + " to " + number(ratio.high());
    }

    static String number(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    /** Three digits that count. */
    static String figure(double value) {
        int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
