package dev.plinth.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws the ratios of an outcome as bars, a group for each shape and metric, with a line at 1 for the baseline and whiskers for
 * the intervals.
 */
final class Chart {

    private static final int WIDTH = 860;
    private static final int LEFT = 330;
    private static final int RIGHT = 70;
    private static final int BAR = 15;
    private static final int GAP = 14;
    private static final int TOP = 62;
    private static final List<String> COLOURS = List.of("#8a8f98", "#1f6fb2", "#d9822b", "#4d9a5b", "#9055a2");

    private final Outcome outcome;
    private final StringBuilder svg = new StringBuilder();
    private final List<String> contenders = new ArrayList<>();
    private final double longest;
    private int y = TOP;

    private Chart(Outcome outcome) {
        this.outcome = outcome;
        for (Outcome.Row row : outcome.rows()) {
            if (!contenders.contains(row.contender())) {
                contenders.add(row.contender());
            }
        }
        double most = outcome.rows().stream()
                .mapToDouble(row -> Math.max(row.ratio().mean(), whisker(row.ratio())))
                .max()
                .orElse(1);
        this.longest = Math.max(1.25, most * 1.02);
    }

    /** The chart as SVG. */
    static String of(Outcome outcome) {
        return new Chart(outcome).draw();
    }

    private String draw() {
        String group = "";
        for (Outcome.Row row : outcome.rows()) {
            String heading = row.shape() + " (" + row.metric().unit() + ")";
            if (!heading.equals(group)) {
                y += group.isEmpty() ? 0 : GAP;
                text(10, y + BAR - 3, "start", "600", heading);
                y += BAR + 5;
                group = heading;
            }
            bar(row);
            y += BAR + 3;
        }
        String bars = svg.toString();
        svg.setLength(0);
        frame();
        return svg.append(bars).append("</svg>\n").toString();
    }

    private void frame() {
        int height = y + 34;
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
                font-family="Helvetica, Arial, sans-serif" font-size="12">
                <rect width="%1$d" height="%2$d" fill="#ffffff"/>
                """
                        .formatted(WIDTH, height));
        svg.append("<text x=\"10\" y=\"24\" font-size=\"15\" font-weight=\"600\" fill=\"#20242a\">")
                .append(escape(outcome.benchmark().title()))
                .append("</text>\n");
        text(10, 44, "start", "400", "times " + contenders.get(0) + ", mean and 95 % interval");
        double step = longest > 6 ? 2 : longest > 2.5 ? 1 : longest > 1.6 ? 0.5 : 0.25;
        for (double tick = 0; tick <= longest; tick += step) {
            boolean one = Math.abs(tick - 1) < 0.001;
            line(x(tick), TOP - 6, x(tick), y + 4, one ? "#20242a" : "#dfe3e8", one ? 1.4 : 1);
            text(x(tick), y + 20, "middle", "400", Report.number(tick));
        }
    }

    private void bar(Outcome.Row row) {
        String colour = COLOURS.get(contenders.indexOf(row.contender()) % COLOURS.size());
        double end = x(row.ratio().mean());
        text(LEFT - 8, y + BAR - 3, "end", "400", row.contender() + "  " + Report.figure(row.median()));
        svg.append(format(
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                LEFT, y, Math.max(0, end - LEFT), BAR, colour));
        double far = x(whisker(row.ratio()));
        if (!row.isBaseline() && far > end) {
            int middle = y + BAR / 2;
            line(x(row.ratio().low()), middle, far, middle, "#20242a", 1);
        }
        text(
                Math.max(end, far) + 6,
                y + BAR - 3,
                "start",
                "400",
                Report.number(row.ratio().mean()));
    }

    /** The end of the interval, where there is one that can be drawn. */
    private static double whisker(Ratio ratio) {
        return ratio.high() < 3 * ratio.mean() ? ratio.high() : ratio.mean();
    }

    private double x(double ratio) {
        return LEFT + ratio / longest * (WIDTH - LEFT - RIGHT);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, double width) {
        svg.append(format(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>%n",
                x1, y1, x2, y2, colour, width));
    }

    private void text(double x, double y, String anchor, String weight, String text) {
        svg.append(format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-weight=\"%s\" fill=\"#20242a\">%s</text>%n",
                x, y, anchor, weight, escape(text)));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
