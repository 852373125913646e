package dev.plinth.example.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityValidatorTest {

    private static final String MACHINE =
            """
            apiVersion: example.com/v1
            kind: Machine
            metadata:
              name: lathe
            """;
    private static final String COMPONENT =
            """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata:
              name: site
            spec:
              type: website
              lifecycle: production
              owner: web
            """;

    @Test
    void acceptsAKindThatIsNotStandardWhateverItsSpecHolds() {
        assertValid(MACHINE);
        assertValid(MACHINE + "spec: {owner: [1, 2]}");
    }

    @Test
    void fillsInTheDefaultNamespace() {
        assertThat(entity(MACHINE).document().getJsonObject("metadata").getString("namespace"))
                .isEqualTo("default");
        assertThat(entity(MACHINE + "  namespace: shop\n").ref()).hasToString("machine:shop/lathe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "A", "a.b-c_D", "a--b", "0123456789012345678901234567890123456789012345678901234567890ab"})
    void acceptsNames(String name) {
        assertValid(MACHINE.replace("lathe", "'" + name + "'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "''",
                "a b",
                "-a",
                "a-",
                "ä",
                "12",
                "{a: b}",
                "~",
                "a/b",
                "0123456789012345678901234567890123456789012345678901234567890abc"
            })
    void refusesNames(String name) {
        assertThat(reason(MACHINE.replace("lathe", name))).startsWith("metadata.name: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiVersion: example.com/v1 | apiVersion: a/b/c     | apiVersion: expected a version",
                "apiVersion: example.com/v1 | ''                    | apiVersion: missing",
                "kind: Machine              | kind: 1st             | kind: expected at most 63 letters and digits",
                "kind: Machine              | ''                    | kind: missing",
                "name: lathe                | title: x              | metadata.name: missing",
                "name: lathe                | - lathe | metadata: expected an object, got [\"lathe\"]",
                "kind: Machine              | '{kind: Machine, x: }'| not valid YAML",
            })
    void refusesAnEnvelope(String before, String after, String reason) {
        assertThat(reason(MACHINE.replace(before, after))).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "namespace: Shop         | metadata.namespace: expected at most 63 lower-case letters",
                "namespace: ~            | metadata.namespace: expected",
                "title: ''               | metadata.title: expected a non-empty text",
                "labels: [a]             | metadata.labels: expected an object",
                "labels: {a b: c}        | metadata.labels.a b: expected a name",
                "labels: {a: b c}        | metadata.labels.a: expected empty, or at most 63",
                "labels: {a: 1}          | metadata.labels.a: expected empty, or at most 63",
                "annotations: ~          | metadata.annotations: expected an object, got nothing",
                "annotations: {a: 1}     | metadata.annotations.a: expected a text, got 1",
                "annotations: {a/b/c: d} | metadata.annotations.a/b/c: expected a name",
                "tags: java              | metadata.tags: expected a list",
                "tags: [ok, Java]        | metadata.tags.1: expected at most 63 lower-case",
                "links: [{title: x}]     | metadata.links.0.url: missing",
                "links: [{url: x}]       | metadata.links.0.url: expected an absolute URL",
                "links: [{url: 'http://'}] | metadata.links.0.url: expected an absolute URL",
                "links: [x]              | metadata.links.0: expected an object",
            })
    void refusesMetadata(String field, String reason) {
        assertThat(reason(MACHINE + "  " + field + "\n")).startsWith(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "labels: {a: '', example.com/b: x.y}",
                "annotations: {example.com/b: 'anything: at all'}",
                "annotations: {a-prefix-of-many.letters.example.com/and-a-name-that-together-have-over-63: x}",
                "tags: ['c++', 'a:b', 'c#-d']",
                "links: [{url: 'https://example.com/a b', title: T, icon: i}]",
                "links: [{url: 'mailto:x'}]",
                "anything: {else: 1}"
            })
    void acceptsMetadata(String field) {
        assertValid(MACHINE + "  " + field + "\n");
    }

    @Test
    void refusesFieldsThatAnEntityDoesNotHave() {
        assertThat(reason(MACHINE + "specs: {}")).isEqualTo("specs: not a field of an entity");
    }

    @Test
    void reportsAllMistakesAtTheLineOfTheFirst() {
        Problem problem = problem(MACHINE.replace("lathe", "a b") + "  title: ''\n");

        assertThat(problem.line()).isEqualTo(4);
        assertThat(problem.reason()).contains("metadata.name: ", "; metadata.title: ");
    }

    @Test
    void tellsOfManyMistakesOnlyHowManyThereAre() {
        String tags = "A, ".repeat(30);

        assertThat(reason(MACHINE + "  tags: [" + tags + "]\n")).endsWith("; and 20 more");
    }

    @Test
    void placesAMissingFieldAtItsParent() {
        assertThat(problem(COMPONENT.replace("  owner: web\n", "")))
                .isEqualTo(new Problem(0, 5, "spec.owner: missing"));
    }

    @Test
    void asksOfAStandardKindItsApiVersionAndSpec() {
        assertThat(reason(COMPONENT.replace("backstage.io/v1alpha1", "example.com/v1")))
                .isEqualTo(
                        "apiVersion: expected one of backstage.io/v1alpha1, backstage.io/v1beta1, got \"example.com/v1\"");
        assertThat(reason(COMPONENT.substring(0, COMPONENT.indexOf("spec")))).isEqualTo("spec: missing");
    }

    @Test
    void knowsStandardKindsInAnyCase() {
        assertThat(reason(COMPONENT.replace("Component", "cOMPONENT").replace("owner: web", "owner: ~")))
                .isEqualTo("spec.owner: expected a non-empty text, got nothing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Component | {type: a, lifecycle: b, owner: c}                | {type: a, owner: c}",
                "Component | {type: a, lifecycle: b, owner: c, dependsOn: []} | {type: a, lifecycle: b, owner: c, dependsOn: api:x}",
                "API       | {type: a, lifecycle: b, owner: c, definition: d} | {type: a, lifecycle: b, owner: c}",
                "API       | {type: a, lifecycle: b, owner: c, definition: {$text: ./d}} | {type: a, lifecycle: b, owner: c, definition: {text: ./d}}",
                "API       | {type: mcp-server, lifecycle: b, owner: c, remotes: []} | {type: mcp-server, lifecycle: b, owner: c}",
                "Resource  | {type: a, owner: b}                              | {owner: b}",
                "System    | {owner: a, domain: b}                            | {owner: ''}",
                "Domain    | {owner: a, subdomainOf: b}                       | {}",
                "Group     | {type: a, children: []}                          | {type: a}",
                "Group     | {type: a, children: [], profile: {email: x}}     | {type: a, children: [], profile: {email: ''}}",
                "User      | {memberOf: []}                                   | {memberOf: team}",
                "Location  | {}                                               | {targets: ./x.yaml}",
                "Location  | {type: url, target: x, presence: optional}       | {presence: maybe}",
            })
    void asksOfAStandardKindWhatItsSpecMustHold(String kind, String valid, String invalid) {
        String text = "apiVersion: backstage.io/v1alpha1\nkind: %s\nmetadata: {name: x}\nspec: %s";

        assertValid(text.formatted(kind, valid));
        assertThat(reason(text.formatted(kind, invalid))).startsWith("spec.");
    }

    @Test
    void takesTemplatesForTheScaffoldersOwnVersion() {
        String template = "apiVersion: %s\nkind: Template\nmetadata: {name: x}\nspec: {type: a, steps: []}";

        assertValid(template.formatted("scaffolder.backstage.io/v1beta3"));
        assertThat(reason(template.formatted("backstage.io/v1alpha1"))).startsWith("apiVersion: expected one of");
    }

    @Test
    void refusesAReferenceThatNamesNoKindWhereItMust() {
        assertThat(reason(COMPONENT + "  dependsOn: [database]\n"))
                .isEqualTo(
                        "spec.dependsOn: a reference here must name its kind, such as component:database, got \"database\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Component | owner: a           | ownedBy      | group:shop/a      | ownerOf",
                "Component | system: a          | partOf       | system:shop/a     | hasPart",
                "Component | subcomponentOf: a  | partOf       | component:shop/a  | hasPart",
                "Component | providesApis: [a]  | providesApi  | api:shop/a        | apiProvidedBy",
                "Component | consumesApis: [a]  | consumesApi  | api:shop/a        | apiConsumedBy",
                "Component | dependsOn: [api:a] | dependsOn    | api:shop/a        | dependencyOf",
                "Component | dependencyOf: [api:a] | dependencyOf | api:shop/a     | dependsOn",
                "Resource  | dependencyOf: api:a   | dependencyOf | api:shop/a     | dependsOn",
                "API       | owner: user:o/a    | ownedBy      | user:o/a          | ownerOf",
                "System    | domain: a          | partOf       | domain:shop/a     | hasPart",
                "Domain    | subdomainOf: a     | partOf       | domain:shop/a     | hasPart",
                "Group     | parent: a          | childOf      | group:shop/a      | parentOf",
                "Group     | children: [a]      | parentOf     | group:shop/a      | childOf",
                "Group     | members: [a]       | hasMember    | user:shop/a       | memberOf",
                "User      | memberOf: [a]      | memberOf     | group:shop/a      | hasMember",
            })
    void derivesRelationsInBothDirections(String kind, String field, String type, String target, String reverse) {
        Entity entity = entity(
                """
                apiVersion: backstage.io/v1alpha1
                kind: %s
                metadata: {name: X, namespace: shop}
                spec: {owner: z, type: t, lifecycle: l, definition: d, children: [], memberOf: [], %s}
                """
                        .formatted(kind, field)
                        .replace(field.startsWith("owner") ? "owner: z, " : "\0", "")
                        .replace(field.startsWith("children") ? "children: [], " : "\0", "")
                        .replace(field.startsWith("memberOf") ? "memberOf: [], " : "\0", ""));

        assertThat(entity.relations().stream().map(EntityValidatorTest::show))
                .contains(
                        "%s:shop/x %s %s".formatted(kind.toLowerCase(Locale.ROOT), type, target),
                        "%s %s %s:shop/x".formatted(target, reverse, kind.toLowerCase(Locale.ROOT)));
    }

    @Test
    void relatesAnEntityToItselfWhenItSaysSo() {
        assertThat(entity(COMPONENT + "  subcomponentOf: site\n").relations().stream()
                        .map(EntityValidatorTest::show))
                .contains(
                        "component:default/site partOf component:default/site",
                        "component:default/site hasPart component:default/site");
    }

    private static String show(Relation relation) {
        return relation.source() + " " + relation.type() + " " + relation.target();
    }

    private static void assertValid(String text) {
        assertThat(read(text).problems()).isEmpty();
        assertThat(read(text).entities()).hasSize(1);
    }

    private static Entity entity(String text) {
        assertValid(text);
        return read(text).entities().get(0);
    }

    private static String reason(String text) {
        return problem(text).reason();
    }

    private static Problem problem(String text) {
        List<Problem> problems = read(text).problems();
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private static Descriptor read(String text) {
        return DescriptorReader.read("a.yaml", text.getBytes(UTF_8));
    }
}
