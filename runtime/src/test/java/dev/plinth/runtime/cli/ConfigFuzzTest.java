package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random mutations of real files and of the loading cases: each gives a result, or problems and exit code 78; never a stack trace.
 * {@code -Dplinth.thorough} does ten thousand, {@code -Dplinth.seed=N} starts with another number.
 */
@Timeout(600)
class ConfigFuzzTest {

    private static final int ROUNDS = System.getProperty("plinth.thorough") == null ? 400 : 10_000;
    private static final long SEED = Long.getLong("plinth.seed", 1);
    private static final Map<String, String> ENVIRONMENT =
            Map.of("X", "value", "EMPTY", "", "APP_CONFIG_backend_listen", "7007");
    private static final List<String> PIECES = List.of(
            "${X}",
            "${",
            "$${X}",
            "${X:-",
            "{$file: app-config.yaml}",
            "{$include: app-config.yaml}",
            "{$include: 'app-config.yaml#backend'}",
            "$env: X",
            "&a ",
            "*a",
            "<<: *a",
            "!!binary ",
            "!x ",
            "? ",
            ": ",
            "- ",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "%TAG ! x\n",
            "[",
            "]",
            "{",
            "}",
            "|\n",
            ">-\n  ",
            "\"",
            "'",
            "#",
            "\t",
            "\r",
            "\0",
            "\uFEFF",
            "\u0085",
            "\uD83D\uDE00",
            "null",
            "~",
            "1e999",
            "0x",
            ".inf",
            "config: {stores: [{type: none}]}\n",
            "config: {includeRoots: [x]}\n",
            "backend: {listen: {port: x}}\n");

    @TempDir
    private Path directory;

    @Test
    void answersEveryMutationWithAResultOrWithProblems() throws IOException {
        List<String> texts = texts();
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            Files.write(directory.resolve("app-config.yaml"), mutated(texts, random));
            String local = texts.get(random.nextInt(texts.size()));
            Files.writeString(directory.resolve("app-config.local.yaml"), random.nextInt(4) == 0 ? local : "");
            check(seed, random.nextBoolean() ? "print" : random.nextBoolean() ? "explain" : "check");
        }
    }

    private void check(long seed, String verb) {
        Terminal terminal = Terminal.in(directory, ENVIRONMENT);
        int code = terminal.config(verb, "--format", "json");
        String output = terminal.out() + terminal.err();
        assertThat(code).as("seed %d, %s: %s", seed, verb, output).isIn(0, 78);
        assertThat(output).as("seed %d", seed).doesNotContain("\tat ", "Exception in");
        String json = code == 0 ? terminal.out() : terminal.lastErrorLine();
        assertThat(new JsonObject(json).isEmpty() && code != 0)
                .as("seed %d", seed)
                .isFalse();
        if (code != 0) {
            assertThat(new JsonObject(json).getJsonArray("problems"))
                    .as("seed %d", seed)
                    .isNotEmpty();
        }
    }

    private static List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>();
        Path conf = Path.of(System.getProperty("plinth.root", "."), "conf");
        try (Stream<Path> files = Files.walk(conf)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                texts.add(Files.readString(file));
            }
        }
        try (InputStream in = ConfigFuzzTest.class.getResourceAsStream("/config/cases.json")) {
            String cases = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            new io.vertx.core.json.JsonArray(cases).forEach(test -> ((JsonObject) test)
                    .getJsonObject("files")
                    .forEach(file -> texts.add(String.valueOf(file.getValue()))));
        }
        return texts;
    }

    private static byte[] mutated(List<String> texts, Random random) {
        StringBuilder text = new StringBuilder(texts.get(random.nextInt(texts.size())));
        for (int i = random.nextInt(6); i >= 0; i--) {
            mutate(text, texts, random);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextInt(10) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static void mutate(StringBuilder text, List<String> texts, Random random) {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(20));
        switch (random.nextInt(7)) {
            case 0 -> text.delete(from, to);
            case 1 -> text.insert(from, PIECES.get(random.nextInt(PIECES.size())));
            case 2 ->
                text.insert(from, PIECES.get(random.nextInt(PIECES.size())).repeat(random.nextInt(300)));
            case 3 -> text.insert(from, text.substring(from, to));
            case 4 -> text.insert(from, texts.get(random.nextInt(texts.size())));
            case 5 -> text.insert(from, " ".repeat(random.nextInt(5)) + "\n" + " ".repeat(random.nextInt(5)));
            default -> text.insert(from, (char) random.nextInt(0xD800));
        }
    }
}
