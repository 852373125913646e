package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every case of {@code config/cases.json}: files, environment, and the merged result or the code of the error. */
class LoadingCasesTest {

    @TestFactory
    Stream<DynamicTest> loadsAsTheCaseSays(@TempDir Path root) throws Exception {
        List<Config> cases = Config.root(new ConfigNode.Mapping(Map.of("cases", cases()), Origin.DEFAULT))
                .at("cases")
                .items();
        return Stream.iterate(0, i -> i < cases.size(), i -> i + 1)
                .map(i -> dynamicTest(
                        cases.get(i).at("name").string().orElseThrow(),
                        () -> check(cases.get(i), Files.createDirectory(root.resolve("case" + i)))));
    }

    private static ConfigNode cases() throws Exception {
        try (InputStream in = LoadingCasesTest.class.getResourceAsStream("/config/cases.json")) {
            return JsonReader.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), Origin.of("cases.json"));
        }
    }

    private static void check(Config test, Path directory) throws IOException {
        for (Config file : test.at("files").children()) {
            Path path = directory.resolve(nameOf(file, test.at("files")));
            Files.createDirectories(path.getParent());
            Files.writeString(path, (String) file.toPlain());
        }
        Map<String, String> environment = new HashMap<>();
        test.at("env").children().forEach(variable -> environment.put(variable.name(), (String) variable.toPlain()));
        List<String> configs = test.at("configs").items().stream()
                .map(item -> (String) item.toPlain())
                .toList();
        ConfigRequest request = new ConfigRequest(Optional.empty(), configs, List.of(), environment, directory);
        if (test.at("error").isPresent()) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> ConfigLoader.load(request))
                    .satisfies(e -> assertThat(e.problems())
                            .filteredOn(Problem::isError)
                            .extracting(Problem::code)
                            .containsOnly((String) test.at("error").toPlain()));
        } else {
            assertThat(json(ConfigLoader.load(request).config().toPlain()))
                    .isEqualTo(json(test.at("expect").toPlain()));
        }
    }

    /** File names have dots, so the last part of the key is not enough. */
    private static String nameOf(Config file, Config parent) {
        return file.key().substring(parent.key().length() + 1);
    }

    private static String json(Object plain) {
        return JsonWriter.pretty(sorted(plain));
    }

    /** The order of keys says nothing. */
    private static Object sorted(Object plain) {
        if (plain instanceof Map<?, ?> map) {
            Map<String, Object> result = new TreeMap<>();
            map.forEach((key, value) -> result.put((String) key, sorted(value)));
            return result;
        }
        return plain instanceof List<?> list
                ? list.stream().map(LoadingCasesTest::sorted).collect(Collectors.toList())
                : plain;
    }
}
