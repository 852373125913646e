package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.PluginIds;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.SqliteSettings;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever ids, prefixes and names say: nothing outside the map, and nothing of one plugin under another's name. */
class NamesFuzzTest {

    private static final int ROUNDS = 5_000;
    private static final long SEED = Long.getLong("plinth.seed", 20_260_101L);
    private static final Path DIRECTORY = Path.of("/srv/plinth/data");

    /** Pieces that have broken out of names elsewhere, among harmless ones. */
    private static final List<String> PIECES = List.of(
            "a",
            "todo",
            "Todo",
            "Z9",
            "-",
            "_",
            "--",
            "1",
            ".",
            "..",
            "/",
            "../",
            "\\",
            "\"",
            "\"\"",
            "'",
            ";",
            "%",
            "%2f",
            "?",
            "#",
            ":",
            "file:",
            " ",
            "\t",
            "\n",
            "\0",
            "\u00e4",
            "\ud83d\ude00",
            "\u202e",
            "$",
            "{",
            "*",
            "pg_",
            "template1",
            "postgres",
            "public",
            "information_schema",
            "a".repeat(40),
            "\u00e4".repeat(30),
            "CON",
            "nul",
            "?mode=memory",
            ":memory:",
            "\" CASCADE; DROP DATABASE x; --");

    private final Random random = new Random(SEED);

    @Test
    void noDatabaseNameLeavesTheMap() {
        Map<String, String> owners = new HashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            String id = word();
            String prefix = word();
            resolve("pg", new JsonObject(), id, new JsonObject().put("prefix", prefix))
                    .ifPresent(settings -> assertGenerated(settings.database().orElseThrow(), prefix, id, owners));
        }
        assertThat(owners).hasSizeGreaterThan(50);
    }

    @Test
    void noSchemaNameLeavesTheMap() {
        Map<String, String> owners = new HashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            String id = word();
            String prefix = random.nextBoolean() ? "s_" : word();
            JsonObject bySchema =
                    new JsonObject().put("pluginDivisionMode", "schema").put("schemaPrefix", prefix);
            resolve("pg", new JsonObject().put("database", "d"), id, bySchema).ifPresent(settings -> {
                assertThat(settings.searchPath())
                        .containsExactly(settings.schema().orElseThrow());
                assertGenerated(settings.schema().orElseThrow(), prefix, id, owners);
            });
        }
        assertThat(owners).hasSizeGreaterThan(50);
    }

    private static void assertGenerated(String name, String prefix, String id, Map<String, String> owners) {
        assertThat(PluginIds.reasonAgainst(id)).isEmpty();
        assertThat(name).isEqualTo(prefix + id);
        assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(63);
        assertThat(name.toLowerCase(Locale.ROOT)).doesNotStartWith("pg_").doesNotStartWith("template");
        assertThat(name.toLowerCase(Locale.ROOT)).isNotIn("postgres", "public", "information_schema");
        assertThat(name.chars()).noneMatch(Character::isISOControl);
        // Under one prefix each id has a name of its own.
        assertThat(owners.computeIfAbsent(prefix + '\0' + name, key -> id)).isEqualTo(id);
    }

    @Test
    void noFileLeavesItsDirectory() {
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            JsonObject own = random.nextBoolean() ? new JsonObject() : new JsonObject().put("filename", word());
            Resolution resolution = resolution("sqlite", new JsonObject().put("directory", "data"), word(), own);
            if (resolution.settings().orElse(null) instanceof SqliteSettings sqlite
                    && sqlite.file().isPresent()) {
                accepted++;
                Path file = sqlite.file().get();
                boolean meant = own.getString("filename", "").startsWith("/");
                assertThat(meant || (file.startsWith(DIRECTORY) && !file.equals(DIRECTORY)))
                        .as(file.toString())
                        .isTrue();
                assertThat(file).isEqualTo(file.normalize());
                assertThat(file.toString()).doesNotContain("?", "\0", "\n");
            }
        }
        assertThat(accepted).isGreaterThan(50);
    }

    @Test
    void noExplicitNameIsCutByTheServer() {
        for (int i = 0; i < ROUNDS; i++) {
            String name = word();
            JsonObject own = new JsonObject().put("database", name);
            Resolution resolution = resolution("pg", new JsonObject(), "todo", own);
            if (resolution.settings().orElse(null) instanceof PostgresSettings postgres) {
                assertThat(postgres.database()).contains(name);
                assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(63);
                assertThat(name.chars()).noneMatch(Character::isISOControl);
            }
        }
    }

    private Optional<PostgresSettings> resolve(String client, JsonObject connection, String id, JsonObject section) {
        JsonObject database = section.put("client", client).put("connection", connection);
        return resolve(database, id).settings().map(PostgresSettings.class::cast);
    }

    private Resolution resolution(String client, JsonObject connection, String id, JsonObject ownConnection) {
        JsonObject own = new JsonObject().put(id, new JsonObject().put("connection", ownConnection));
        return resolve(
                new JsonObject()
                        .put("client", client)
                        .put("connection", connection)
                        .put("plugin", own),
                id);
    }

    private static Resolution resolve(JsonObject database, String id) {
        JsonObject root = new JsonObject().put("backend", new JsonObject().put("database", database));
        Resolution resolution =
                new DatabaseSettingsResolver(Configs.of(root), Map.of(), Path.of("/srv/plinth")).resolve(id);
        assertThat(resolution.settings().map(DatabaseSettings::pluginId).orElse(id))
                .isEqualTo(id);
        assertThat(resolution.settings().isPresent())
                .isEqualTo(resolution.error().isEmpty());
        return resolution;
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        int pieces = 1 + random.nextInt(3);
        for (int i = 0; i < pieces; i++) {
            // Mostly harmless, or hardly any word would pass.
            int bound = random.nextInt(3) == 0 ? PIECES.size() : 6;
            word.append(PIECES.get(random.nextInt(bound)));
        }
        return word.toString();
    }
}
