package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.database.Resolution;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator reads for each mistake: would it alone let a stranger fix it? */
class BadSettingsTest {

    @TestFactory
    Stream<DynamicTest> saysWhatIsWrongWhereAndWhatToDo() throws Exception {
        try (InputStream in = getClass().getResourceAsStream("/database/bad-settings.txt")) {
            String table = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("LONG", "a".repeat(60));
            return Stream.of(table.split("\n\n"))
                    .skip(1)
                    .map(String::lines)
                    .map(Stream::toList)
                    .map(lines -> DynamicTest.dynamicTest(
                            lines.get(0), () -> check(lines.get(0), lines.get(1), lines.get(2))));
        }
    }

    private static void check(String database, String code, String message) {
        Resolution resolution = Resolving.resolve(database);

        assertThat(resolution.settings()).isEmpty();
        Problem error = resolution.error().orElseThrow();
        assertThat(error).hasToString(message);
        assertThat(error.code()).isEqualTo(code);
        assertThat(resolution.problems().toString()).doesNotContain("secret@", "1234");
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        PGPORT            | x  | PGPORT backend.database.connection.port: expected a whole number, got "x"
        PGCONNECT_TIMEOUT | 5s | PGCONNECT_TIMEOUT backend.database.connection.connect_timeout: expected a whole number, got "5s"
        PGSSLMODE         | on | PGSSLMODE backend.database.connection.sslmode: expected disable, allow, prefer, require, verify-ca or verify-full, got "on"
        PGSSLROOTCERT     | no | PGSSLROOTCERT backend.database.connection.sslrootcert: cannot read the file "no"
        """)
    void namesTheVariableThatIsWrong(String variable, String value, String message) {
        Resolution resolution = Resolving.resolve("{'client': 'pg', 'connection': {}}", Map.of(variable, value));

        assertThat(resolution.error().orElseThrow()).hasToString(message);
    }
}
