package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.PlinthProcess;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The example plugins on each kind of database, the catalog over one set of descriptors: what they answer is the same. The
 * PostgreSQL databases sort text as English does, which is not how SQLite does it.
 */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplePluginsIT {

    private static final Path DESCRIPTORS =
            Path.of(System.getProperty("plinth.root"), "runtime/src/test/resources/catalog");

    private enum Database {
        SQLITE,
        POSTGRES_DATABASES,
        POSTGRES_SCHEMAS
    }

    private final Map<Database, PlinthProcess> backends = new EnumMap<>(Database.class);

    @BeforeAll
    void startABackendOnEachDatabase(@TempDir Path directory, Server server) throws Exception {
        for (Database database : Database.values()) {
            backends.put(database, start(directory.resolve(database.name()), database, server));
        }
    }

    @AfterAll
    void stop() {
        backends.values().forEach(PlinthProcess::close);
    }

    @ParameterizedTest
    @EnumSource
    void keepsWhatIsToBeDoneInTheOrderOfItsCreation(Database database) {
        PlinthProcess plinth = backends.get(database);
        List<JsonObject> created = new ArrayList<>();
        for (String title : List.of("write", "ärgern \uD83D\uDCA5", "test")) {
            HttpResponse<String> answer = plinth.post(
                    "/api/todo/items", new JsonObject().put("title", title).encode());
            assertThat(answer.statusCode()).isEqualTo(201);
            created.add(new JsonObject(answer.body()));
        }

        assertThat(created).allSatisfy(item -> {
            assertThat(item.fieldNames()).containsExactly("id", "title", "done", "createdAt");
            assertThat(item.getBoolean("done")).isFalse();
            assertThat(item.getString("createdAt")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d.*Z");
        });
        assertThat(new JsonArray(plinth.get("/api/todo/items").body())).isEqualTo(new JsonArray(created));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"title\":1}", "{\"title\":\" \"}", "{\"title\":\"a\\u0000b\"}"})
    void refusesWhatHasNoTitle(String body) {
        for (Database database : Database.values()) {
            assertProblem(backends.get(database).post("/api/todo/items", body), 400);
        }
    }

    @ParameterizedTest
    @EnumSource
    void holdsTheValidDocumentsOfAllFiles(Database database) {
        assertThat(refs(database, "/entities"))
                .containsExactly(
                        "api:default/orders",
                        "component:default/checkout",
                        "component:default/library",
                        "component:default/library-2",
                        "component:default/library.3",
                        "component:default/library_1",
                        "component:default/reports",
                        "component:other/library",
                        "domain:default/retail",
                        "group:default/sales",
                        "location:default/elsewhere",
                        "machine:default/after",
                        "machine:default/before",
                        "machine:default/lathe",
                        "resource:default/orders-db",
                        "system:default/shop",
                        "template:default/service",
                        "user:default/ada");
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatIsWrongWithTheOthersAndWhere(Database database) {
        List<String> errors = get(database, "/errors", JsonArray::new).stream()
                .map(JsonObject.class::cast)
                .map(error ->
                        error.getString("file") + ":" + error.getInteger("line") + " " + error.getString("reason"))
                .toList();

        assertThat(errors)
                .containsExactly(
                        "catalog/B-twice.yaml:7 machine:default/lathe is already defined in catalog/B-twice.yaml, line 1",
                        "catalog/a-twice.yaml:1 machine:default/lathe is already defined in catalog/B-twice.yaml, line 1",
                        "catalog/broken.yaml:10 not valid YAML: found character '%' that cannot start any token. (Do not"
                                + " use % for indentation)",
                        "catalog/broken.yaml:15 metadata.name: expected at most 63 letters and digits, with -, _ or ."
                                + " between them, got \"no good\"",
                        "catalog/broken.yaml:19 expected an object, got \"just text\"");
    }

    @ParameterizedTest
    @EnumSource
    void givesAnEntityAsItWasWrittenWithItsRelationsBothWays(Database database) {
        JsonObject checkout = entity(database, "Component/default/Checkout");

        assertThat(checkout.getJsonObject("metadata").getJsonObject("labels").encode())
                .isEqualTo("{\"example.com/tier\":\"1\"}");
        assertThat(relations(checkout))
                .containsExactly(
                        "consumesApi api:other/stock",
                        "dependsOn component:default/library_1",
                        "dependsOn resource:default/orders-db",
                        "ownedBy group:default/sales",
                        "partOf system:default/shop",
                        "providesApi api:default/orders");
        assertThat(relations(entity(database, "resource/default/orders-db")))
                .containsExactly(
                        "dependencyOf component:default/checkout",
                        "dependencyOf component:default/reports",
                        "ownedBy group:default/sales",
                        "partOf system:default/shop");
        assertThat(relations(entity(database, "group/default/sales")))
                .contains("hasMember user:default/ada", "childOf group:default/company");
        assertThat(relations(entity(database, "component/default/reports")))
                .contains("hasPart component:default/reports", "partOf component:default/reports");
        assertThat(entity(database, "machine/default/before")
                        .getJsonObject("spec")
                        .encode())
                .isEqualTo("{\"count\":3,\"precise\":0.5,\"on\":true,\"nothing\":null}");
        assertThat(entity(database, "machine/default/lathe")
                        .getJsonObject("metadata")
                        .getString("description"))
                .isEqualTo("from B-twice");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "kind=MACHINE machine:default/after,machine:default/before,machine:default/lathe",
                "namespace=other component:other/library",
                "kind=user&kind=group group:default/sales,user:default/ada",
                "filter=kind=component,spec.type=service component:default/checkout,component:default/reports",
                "filter=kind=user&filter=metadata.name=shop system:default/shop,user:default/ada",
                "filter=kind=user,kind=domain domain:default/retail,user:default/ada",
                "filter=metadata.annotations.example.com/dashboard component:default/checkout",
                "filter=metadata.tags=java component:default/checkout",
                "filter=metadata.tags.rest api:default/orders",
                "filter=spec.on=true machine:default/before",
                "filter=spec.count=3 machine:default/before",
                "filter=relations.ownedBy=user:default/ada api:default/orders",
                "filter=spec.lifecycle=STABLE,metadata.name=library-2 component:default/library-2",
                "q=KASSE component:default/checkout",
                "q=%C3%A5ngstr%C3%B6m+STRASSE group:default/sales",
                "q=%E8%B2%A9%E5%A3%B2 group:default/sales",
                "q=100%25 component:default/checkout",
                "q=y_1 component:default/library_1",
                "q=sales&kind=component component:default/checkout",
                "q=nothing+of+this ''",
            })
    void findsTheSameEverywhere(String query, String expected) {
        List<String> refs = expected.isEmpty() ? List.of() : List.of(expected.split(",", -1));
        for (Database database : Database.values()) {
            assertThat(refs(database, "/entities?" + query)).as("%s", database).isEqualTo(refs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void leadsThroughAllPagesByCursor(Database database) {
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonObject page = get(database, "/entities?limit=5" + cursor, JsonObject::new);
            assertThat(page.getJsonArray("items")).hasSizeLessThanOrEqualTo(5);
            seen.addAll(refs(page));
            cursor = page.getString("nextCursor") == null ? null : "&cursor=" + page.getString("nextCursor");
        } while (cursor != null);

        assertThat(seen).isEqualTo(refs(database, "/entities"));
    }

    @ParameterizedTest
    @EnumSource
    void countsTheValuesOfProperties(Database database) {
        JsonObject facets = get(
                        database, "/facets?facet=kind&facet=spec.lifecycle&facet=metadata.tags", JsonObject::new)
                .getJsonObject("facets");

        assertThat(counts(facets, "kind"))
                .containsExactly(
                        "API 1",
                        "Component 7",
                        "Domain 1",
                        "Group 1",
                        "Location 1",
                        "Machine 3",
                        "Resource 1",
                        "System 1",
                        "Template 1",
                        "User 1");
        assertThat(counts(facets, "spec.lifecycle"))
                .containsExactly("Stable 1", "experimental 1", "production 3", "stable 3");
        assertThat(counts(facets, "metadata.tags")).containsExactly("java 1", "payments 1", "rest 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/entities?limit=0",
                "/entities?cursor=made-up",
                "/entities?filter==x",
                "/entities?q=%00",
                "/facets",
            })
    void refusesRequestsThatMakeNoSense(String path) {
        for (Database database : Database.values()) {
            assertProblem(backends.get(database).get("/api/catalog" + path), 400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"machine/default/none", "machine/none/lathe", "machine/default/%F0%9F%92%A5"})
    void knowsNoEntityThatIsNotThere(String entity) {
        for (Database database : Database.values()) {
            assertProblem(backends.get(database).get("/api/catalog/entities/by-name/" + entity), 404);
        }
    }

    @ParameterizedTest
    @EnumSource
    void followsItsFiles(Database database, @TempDir Path own, Server server) throws Exception {
        try (PlinthProcess plinth = start(own, database, server)) {
            assertThat(refresh(plinth)).isEqualTo("{\"filesRead\":7,\"filesStored\":0,\"filesRemoved\":0}");

            Files.delete(own.resolve("catalog/B-twice.yaml"));
            Files.writeString(
                    own.resolve("catalog/new.yaml"),
                    "apiVersion: example.com/v1\nkind: Machine\nmetadata: {name: new}\n");
            Files.writeString(own.resolve("catalog/people.yaml"), "kind: User\n");
            assertThat(refresh(plinth)).isEqualTo("{\"filesRead\":7,\"filesStored\":2,\"filesRemoved\":1}");

            assertThat(plinth.get("/api/catalog/entities/by-name/machine/default/lathe")
                            .body())
                    .contains("from a-twice");
            assertThat(plinth.get("/api/catalog/entities?kind=machine&kind=user&kind=group")
                            .body())
                    .contains("\"new\"")
                    .doesNotContain("\"ada\"", "\"sales\"");
            assertThat(plinth.get("/api/catalog/errors").body())
                    .contains("catalog/people.yaml")
                    .doesNotContain("twice");
            assertThat(refresh(plinth)).contains("\"filesStored\":0,\"filesRemoved\":0");
        }
    }

    @Test
    void ingestsEachFileOnceWhenSeveralInstancesStartAtOnce(@TempDir Path own, Server server) throws Exception {
        configure(own, Database.POSTGRES_DATABASES, server);
        List<PlinthProcess> instances = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                instances.add(PlinthProcess.run(own, Map.of(), "start", "--port", "0"));
            }
            for (PlinthProcess instance : instances) {
                awaitCatalog(instance);
                assertThat(instance.get("/api/catalog/entities").body())
                        .isEqualTo(backends.get(Database.SQLITE)
                                .get("/api/catalog/entities")
                                .body());
            }
        } finally {
            instances.forEach(PlinthProcess::close);
        }
    }

    private static PlinthProcess start(Path directory, Database database, Server server) throws Exception {
        configure(directory, database, server);
        PlinthProcess plinth = PlinthProcess.start(directory, Map.of());
        awaitCatalog(plinth);
        return plinth;
    }

    private static void awaitCatalog(PlinthProcess plinth) {
        plinth.getUntil("/api/catalog/entities", answer -> answer.statusCode() == 200);
    }

    private static void configure(Path directory, Database database, Server server) throws Exception {
        copy(DESCRIPTORS, directory.resolve("catalog"));
        PlinthProcess.configure(
                directory,
                """
                backend:
                  pluginDirectories: [%s]
                  database: %s
                catalog:
                  locations: [catalog]
                """
                        .formatted(PlinthProcess.examplePlugins(), databaseSection(database, server)));
    }

    private static String databaseSection(Database database, Server server) throws Exception {
        String postgres = "client: pg, connection: {host: 127.0.0.1, port: %d, user: postgres, password: postgres"
                .formatted(server.port());
        String name = server.uniqueName("catalog");
        return switch (database) {
            case SQLITE -> "{client: better-sqlite3, connection: {directory: data}}";
            case POSTGRES_DATABASES -> {
                createEnglishDatabase(server, name + "_catalog");
                yield "{prefix: " + name + "_, " + postgres + "}}";
            }
            case POSTGRES_SCHEMAS -> {
                createEnglishDatabase(server, name);
                yield "{pluginDivisionMode: schema, " + postgres + ", database: " + name + "}}";
            }
        };
    }

    private static void createEnglishDatabase(Server server, String name) throws Exception {
        server.execute(
                "postgres",
                "CREATE DATABASE " + name + " TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private <T> T get(Database database, String path, Function<String, T> parse) {
        HttpResponse<String> response = backends.get(database).get("/api/catalog" + path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return parse.apply(response.body());
    }

    private JsonObject entity(Database database, String path) {
        return get(database, "/entities/by-name/" + path, JsonObject::new);
    }

    private List<String> refs(Database database, String path) {
        return refs(get(database, path, JsonObject::new));
    }

    private static List<String> refs(JsonObject page) {
        return page.getJsonArray("items").stream()
                .map(JsonObject.class::cast)
                .map(ExamplePluginsIT::ref)
                .toList();
    }

    private static String ref(JsonObject entity) {
        JsonObject metadata = entity.getJsonObject("metadata");
        return (entity.getString("kind") + ":" + metadata.getString("namespace") + "/" + metadata.getString("name"))
                .toLowerCase(Locale.ROOT);
    }

    private static List<String> relations(JsonObject entity) {
        return entity.getJsonArray("relations").stream()
                .map(JsonObject.class::cast)
                .map(relation -> relation.getString("type") + " " + relation.getString("targetRef"))
                .toList();
    }

    private static List<String> counts(JsonObject facets, String name) {
        return facets.getJsonArray(name).stream()
                .map(JsonObject.class::cast)
                .map(count -> count.getString("value") + " " + count.getLong("count"))
                .toList();
    }

    private static void assertProblem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(new JsonObject(response.body()).getInteger("status")).isEqualTo(status);
    }

    private static String refresh(PlinthProcess plinth) {
        return plinth.post("/api/catalog/refresh", "").body();
    }
}
