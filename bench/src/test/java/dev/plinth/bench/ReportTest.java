package dev.plinth.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From contenders to files, without a server. */
class ReportTest {

    private record Fixed(String name, double figure) implements Contender {
        @Override
        public double[] measure(Duration time) {
            return new double[] {figure};
        }
    }

    private record Two() implements Benchmark {
        @Override
        public String name() {
            return "two";
        }

        @Override
        public String title() {
            return "Slow & fast";
        }

        @Override
        public String explanation() {
            return "Made up.";
        }

        @Override
        public List<Shape> shapes(Setup setup) {
            return List.of(new Shape(
                    "any", new Metric("things/s", true), List.of(new Fixed("slow", 1000), new Fixed("fast", 2500))));
        }
    }

    @Test
    void writesATableAndAChartOfWhatWasMeasured(@TempDir Path directory) throws Exception {
        try (Setup setup = new Setup(directory)) {
            Outcome outcome = new Rounds(3, 2, Duration.ofMillis(1), shape -> true, line -> {}).run(new Two(), setup);
            new Report(directory, "On this machine.").write(outcome);
        }

        assertThat(Files.readString(directory.resolve("two.md")))
                .contains(
                        "# Slow & fast",
                        "| any | slow | 1,000 things/s | 1 |  |",
                        "|  | fast | 2,500 things/s | 2.50 | 2.50 to 2.50 |",
                        "On this machine.");
        byte[] svg = Files.readString(directory.resolve("two.svg")).getBytes(StandardCharsets.UTF_8);
        var chart = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg))
                .getDocumentElement();
        assertThat(chart.getTextContent()).contains("Slow & fast", "slow  1,000", "fast  2,500", "2.50");
    }
}
