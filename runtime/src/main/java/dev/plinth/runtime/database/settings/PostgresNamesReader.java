package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads or generates the names of a plugin's database and schema. */
final class PostgresNamesReader {

    static final String DEFAULT_PREFIX = "plinth_plugin_";

    private final PluginSection section;
    private final PostgresConnection connection;
    private final Reader reader;

    PostgresNamesReader(PluginSection section, PostgresConnection connection, Reader reader) {
        this.section = section;
        this.connection = connection;
        this.reader = reader;
    }

    PostgresNames read() {
        boolean ensureExists = reader.bool("ensureDatabase", section.setting("ensureExists"), true);
        boolean ensureSchemaExists = reader.bool("ensureSchema", section.setting("ensureSchemaExists"), false);
        boolean bySchema = DivisionMode.of(section, reader) == DivisionMode.SCHEMA;
        if (!reader.isGiven("ensureSchema")) {
            reader.sameOrigin("ensureSchema", "ensureDatabase");
        }
        Layered named = bySchema
                ? connection.setting("database")
                : Layered.of(connection.own().child("database"));
        Optional<String> database = named(named, ensureExists).or(() -> bySchema ? Optional.empty() : generated());
        Optional<String> schema = bySchema ? Optional.of(schema()) : Optional.empty();
        return new PostgresNames(
                database,
                schema,
                searchPath(schema),
                ensureExists && database.isPresent(),
                bySchema && (ensureExists || ensureSchemaExists));
    }

    /** A name that the configuration gives may be any that exists, but not one that only PostgreSQL itself creates. */
    private Optional<String> named(Layered setting, boolean created) {
        Optional<String> name = reader.text("database", setting);
        Config place = setting.value();
        name.ifPresent(text -> Identifiers.check(text, place, "database-name-too-long", reader));
        name.filter(text -> created && Identifiers.isPrivate(text))
                .ifPresent(text -> reserved(place, "database", text));
        return name;
    }

    private Optional<String> generated() {
        Layered setting = Layered.of(section.shared().child("prefix"));
        Optional<String> prefix = reader.text("prefix", setting);
        String name = prefix.orElse(DEFAULT_PREFIX) + section.pluginId();
        reader.origin("database", "generated from prefix and plugin id");
        checkGenerated(name, "database");
        return Optional.of(name);
    }

    private String schema() {
        Optional<String> prefix =
                reader.text("schemaPrefix", Layered.of(section.shared().child("schemaPrefix")));
        String name = prefix.orElse("") + section.pluginId();
        reader.origin("schema", "generated from schemaPrefix and plugin id");
        checkGenerated(name, "schema");
        return name;
    }

    private void checkGenerated(String name, String what) {
        Identifiers.check(name, section.own(), what + "-name-too-long", reader);
        if (Identifiers.isReserved(name)) {
            reserved(section.own(), what, name);
        }
    }

    private void reserved(Config place, String what, String name) {
        reader.error(
                place,
                "reserved-name",
                "the " + what + " would be called \"" + name + "\", a name that belongs to PostgreSQL",
                what.equals("schema") ? "set backend.database.schemaPrefix" : "choose another name or prefix");
    }

    /** As in Backstage, entries replace each other by position: those shared, over them the plugin's own, first of all its schema. */
    private List<String> searchPath(Optional<String> schema) {
        Layered setting = section.setting("knexConfig").child("searchPath");
        List<String> path = new ArrayList<>();
        List<Config> places = setting.all();
        for (int i = places.size() - 1; i >= 0; i--) {
            override(path, entries(places.get(i)));
        }
        schema.ifPresent(name -> override(path, List.of(name)));
        if (schema.isPresent() && !reader.isGiven("searchPath")) {
            reader.sameOrigin("searchPath", "schema");
        }
        return List.copyOf(path);
    }

    private static void override(List<String> path, List<String> stronger) {
        for (int i = 0; i < stronger.size(); i++) {
            if (i < path.size()) {
                path.set(i, stronger.get(i));
            } else {
                path.add(stronger.get(i));
            }
        }
    }

    private List<String> entries(Config place) {
        List<Config> items = place.isText() ? List.of(place) : place.items(reader.collector());
        List<String> entries = new ArrayList<>();
        for (Config item : items) {
            reader.text("searchPath", Layered.of(item)).ifPresent(name -> {
                Identifiers.check(name, item, "name-too-long", reader);
                entries.add(name);
            });
        }
        return entries;
    }
}
