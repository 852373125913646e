package dev.plinth.example.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorReaderTest {

    private static final String FIRST =
            """
            apiVersion: example.com/v1
            kind: Machine
            metadata:
              name: first
            """;
    private static final String SECOND = FIRST.replace("first", "second");

    @Test
    void readsSeveralDocumentsAndWhereEachStands() {
        Descriptor file = read(FIRST + "---\n" + SECOND);

        assertThat(file.entities())
                .extracting(entity -> entity.ref().toString(), Entity::position, Entity::line)
                .containsExactly(tuple("machine:default/first", 0, 1), tuple("machine:default/second", 1, 6));
        assertThat(file.problems()).isEmpty();
    }

    @Test
    void keepsTheDocumentsBeforeAndAfterOneThatIsNotYaml() {
        Descriptor file = read(FIRST + "---\nname: {%- if x %}\nkind: [\n---\n" + SECOND);

        assertThat(names(file)).containsExactly("first", "second");
        assertThat(file.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.position()).isEqualTo(1);
            assertThat(problem.line()).isEqualTo(6);
            assertThat(problem.reason()).startsWith("not valid YAML: ");
        });
    }

    @Test
    void namesTheLineOfTheMistakeCountedFromTheStartOfTheFile() {
        Descriptor file =
                read("# a comment\r\n---\r\n" + FIRST.replace("\n", "\r\n").replace("name: first", "name: a b"));

        assertThat(file.problems()).extracting(Problem::line).containsExactly(6);
    }

    @Test
    void countsEmptyDocumentsForNothing() {
        Descriptor file = read("---\n---\n# only a comment\n---\n" + FIRST + "---\n");

        assertThat(names(file)).containsExactly("first");
        assertThat(file.problems()).isEmpty();
    }

    @Test
    void endsADocumentAtItsEndMarker() {
        Descriptor file = read("%YAML 1.2\n---\n" + FIRST + "...\n%YAML 1.2\n---\n" + SECOND);

        assertThat(names(file)).containsExactly("first", "second");
    }

    @Test
    void readsYaml12() {
        Descriptor file = read(
                FIRST
                        + """
                spec:
                  country: no
                  time: 12:30:45
                  octal: 0o17
                  leading: 017
                  day: 2024-01-01
                  nothing: ~
                  tagged: !ours text
                """);

        assertThat(file.entities().get(0).document().getJsonObject("spec").encode())
                .isEqualTo("{\"country\":\"no\",\"time\":\"12:30:45\",\"octal\":15,\"leading\":17,"
                        + "\"day\":\"2024-01-01\",\"nothing\":null,\"tagged\":\"text\"}");
    }

    @Test
    void expandsAliases() {
        Descriptor file = read(FIRST + "spec: {a: &shared [1, 2], b: *shared}");

        assertThat(file.entities().get(0).document().getJsonObject("spec").encode())
                .isEqualTo("{\"a\":[1,2],\"b\":[1,2]}");
    }

    @Test
    void refusesAliasesThatGrowWithoutBounds() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
        }

        assertThat(reason(bomb.toString())).contains("more than 100000 values");
    }

    @Test
    void refusesAnAliasOfItself() {
        assertThat(reason("a: &a [*a]")).contains("an alias of itself");
    }

    @Test
    void refusesNestingThatWouldOverflowTheStack() {
        assertThat(reason("a: " + "[".repeat(200_000))).contains("nested more than 100 levels deep");
    }

    @Test
    void refusesAKeyThatIsThereTwice() {
        Problem problem = problem(FIRST + "kind: Other\n");

        assertThat(problem.reason()).isEqualTo("the key \"kind\" is there twice");
        assertThat(problem.line()).isEqualTo(5);
    }

    @Test
    void refusesAKeyThatIsNotText() {
        assertThat(reason("{{ name }}: x")).isEqualTo("a key must be text");
    }

    @Test
    void refusesACharacterThatCannotBeStored() {
        assertThat(reason(FIRST + "spec: {a: \"x\\0y\"}")).contains("U+0000");
    }

    @Test
    void refusesAControlCharacterInTheFileItself() {
        Problem problem = problem(FIRST + "spec: {a: x\0y}");

        assertThat(problem.reason()).startsWith("not valid YAML: ").doesNotContain("\0");
        assertThat(problem.line()).isEqualTo(5);
    }

    @Test
    void refusesNumbersAndKeysThatCouldNotBeReadAgain() {
        assertThat(reason(FIRST + "spec: {a: " + "9".repeat(101) + "}"))
                .isEqualTo("a number has at most 100 characters");
        assertThat(reason(FIRST + "spec:\n  ? \"" + "k".repeat(1001) + "\"\n  : x"))
                .isEqualTo("a key has at most 1000 characters");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertThat(DescriptorReader.read("a.yaml", new byte[] {(byte) 0xe9}).problems())
                .containsExactly(new Problem(0, 1, "not UTF-8 text"));
    }

    @Test
    void ignoresAByteOrderMark() {
        assertThat(names(read("\uFEFF---\n" + FIRST))).containsExactly("first");
    }

    @Test
    void refusesADocumentThatIsNotAnObject() {
        assertThat(reason("- a\n- b")).isEqualTo("expected an object, got [\"a\",\"b\"]");
    }

    @Test
    void tellsContentsApartByTheirFingerprint() {
        assertThat(read(FIRST).fingerprint())
                .isEqualTo(read(FIRST).fingerprint())
                .isNotEqualTo(read(SECOND).fingerprint());
    }

    private static Descriptor read(String text) {
        return DescriptorReader.read("a.yaml", text.getBytes(UTF_8));
    }

    private static List<String> names(Descriptor file) {
        return file.entities().stream().map(entity -> entity.ref().name()).toList();
    }

    private static Problem problem(String text) {
        List<Problem> problems = read(text).problems();
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private static String reason(String text) {
        return problem(text).reason();
    }
}
