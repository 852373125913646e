package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What plugins' databases and schemas are called. */
final class PostgresNaming {

    static final String DEFAULT_PREFIX = "plinth_plugin_";

    private final boolean bySchema;
    private final boolean ensureDatabase;
    private final boolean ensureSchema;
    /** What the configuration names; empty when the name is generated, or in schema mode is the server's choice. */
    private final Optional<String> database;
    /** Of what is generated: databases, or schemas. */
    private final String prefix;

    private final List<String> searchPath;

    /** Reads it; what is wrong goes to the reader. */
    PostgresNaming(PluginSection section, PostgresConnection connection, Reader reader) {
        boolean ensureExists = reader.bool("ensureDatabase", section.setting("ensureExists"), true);
        boolean ensureSchemaExists = reader.bool("ensureSchema", section.setting("ensureSchemaExists"), false);
        this.bySchema = DivisionMode.of(section, reader) == DivisionMode.SCHEMA;
        if (!reader.isGiven("ensureSchema")) {
            reader.sameOrigin("ensureSchema", "ensureDatabase");
        }
        Layered named = bySchema
                ? connection.setting("database")
                : Layered.of(connection.own().child("database"));
        this.database = named(named, ensureExists, reader);
        this.prefix = bySchema ? schemaPrefix(section, reader) : database.isPresent() ? "" : prefix(section, reader);
        this.searchPath = searchPath(section.setting("knexConfig").child("searchPath"), reader);
        if (bySchema && !reader.isGiven("searchPath")) {
            reader.sameOrigin("searchPath", "schema");
        }
        this.ensureDatabase = ensureExists;
        this.ensureSchema = bySchema && (ensureExists || ensureSchemaExists);
    }

    /** One plugin's names. */
    PostgresNames of(Config own, Reader reader) {
        if (!bySchema && database.isPresent()) {
            return new PostgresNames(database, Optional.empty(), searchPath, ensureDatabase, false);
        }
        String generated = prefix + own.name();
        checkGenerated(generated, own, reader);
        if (!bySchema) {
            return new PostgresNames(Optional.of(generated), Optional.empty(), searchPath, ensureDatabase, false);
        }
        List<String> path = new ArrayList<>(searchPath);
        override(path, List.of(generated));
        return new PostgresNames(
                database, Optional.of(generated), path, ensureDatabase && database.isPresent(), ensureSchema);
    }

    /** A name that the configuration gives may be any that exists, but not one that only PostgreSQL itself creates. */
    private static Optional<String> named(Layered setting, boolean created, Reader reader) {
        Optional<String> name = reader.text("database", setting);
        Config place = setting.value();
        name.ifPresent(text -> Identifiers.check(text, place, "database-name-too-long", reader));
        name.filter(text -> created && Identifiers.isPrivate(text))
                .ifPresent(text -> reserved(place, "database", text, reader));
        return name;
    }

    private static String prefix(PluginSection section, Reader reader) {
        Optional<String> prefix =
                reader.text("prefix", Layered.of(section.shared().child("prefix")));
        reader.origin("database", "generated from prefix and plugin id");
        return prefix.orElse(DEFAULT_PREFIX);
    }

    private static String schemaPrefix(PluginSection section, Reader reader) {
        Optional<String> prefix =
                reader.text("schemaPrefix", Layered.of(section.shared().child("schemaPrefix")));
        reader.origin("schema", "generated from schemaPrefix and plugin id");
        return prefix.orElse("");
    }

    private void checkGenerated(String name, Config own, Reader reader) {
        String what = bySchema ? "schema" : "database";
        Identifiers.check(name, own, what + "-name-too-long", reader);
        if (Identifiers.isReserved(name)) {
            reserved(own, what, name, reader);
        }
    }

    private static void reserved(Config place, String what, String name, Reader reader) {
        reader.error(
                place,
                "reserved-name",
                "the " + what + " would be called \"" + name + "\", a name that belongs to PostgreSQL",
                what.equals("schema") ? "set backend.database.schemaPrefix" : "choose another name or prefix");
    }

    /**
     * As in Backstage, entries replace each other by position: those shared, over them the plugin's own, first of all its
     * schema, which is not here yet.
     */
    private static List<String> searchPath(Layered setting, Reader reader) {
        List<String> path = new ArrayList<>();
        List<Config> places = setting.all();
        for (int i = places.size() - 1; i >= 0; i--) {
            override(path, entries(places.get(i), reader));
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

    private static List<String> entries(Config place, Reader reader) {
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
