package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code plinth config check} says of wrong configurations, word by word: {@code config/wrong.txt}. A case is its name, variables
 * ({@code $}), arguments ({@code >}), files ({@code ---}) and the output ({@code +++}).
 */
class ConfigMistakesTest {

    /** One configuration and what is said of it. */
    private static final class Mistake {
        private final String name;
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<String> arguments = new ArrayList<>(List.of("check"));
        private final Map<String, StringBuilder> files = new LinkedHashMap<>();
        private final StringBuilder output = new StringBuilder();

        private Mistake(String name) {
            this.name = name;
        }
    }

    @TestFactory
    Stream<DynamicTest> saysWhatIsWrongAndHowToMendIt(@TempDir Path root) throws IOException {
        List<Mistake> mistakes = mistakes();
        assertThat(mistakes).hasSizeGreaterThan(40);
        return mistakes.stream()
                .map(mistake ->
                        dynamicTest(mistake.name, () -> check(mistake, Files.createTempDirectory(root, "case"))));
    }

    private static void check(Mistake mistake, Path directory) throws IOException {
        for (Map.Entry<String, StringBuilder> file : mistake.files.entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue());
        }
        Terminal terminal = Terminal.in(directory, mistake.environment);

        terminal.config(mistake.arguments.toArray(String[]::new));

        assertThat(terminal.out() + terminal.err()).isEqualTo(mistake.output.toString());
    }

    private static List<Mistake> mistakes() throws IOException {
        List<Mistake> mistakes = new ArrayList<>();
        StringBuilder target = new StringBuilder();
        for (String line : text().split("\n", -1)) {
            Mistake last = mistakes.isEmpty() ? null : mistakes.get(mistakes.size() - 1);
            if (line.startsWith("== ")) {
                mistakes.add(new Mistake(line.substring(3)));
            } else if (line.startsWith("$ ")) {
                String[] variable = line.substring(2).split("=", 2);
                last.environment.put(variable[0], variable[1]);
            } else if (line.startsWith("> ")) {
                last.arguments.addAll(Arrays.asList(line.substring(2).split(" ", -1)));
            } else if (line.startsWith("--- ")) {
                target = last.files.computeIfAbsent(line.substring(4), name -> new StringBuilder());
            } else if (line.equals("+++")) {
                target = last.output;
            } else if (!line.isEmpty()) {
                target.append(line).append('\n');
            }
        }
        return mistakes;
    }

    private static String text() throws IOException {
        try (InputStream in = ConfigMistakesTest.class.getResourceAsStream("/config/wrong.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
