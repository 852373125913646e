package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import dev.plinth.runtime.config.PluginIds;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.database.DatabaseOptions;
import dev.plinth.runtime.database.DatabasePlan;
import dev.plinth.runtime.database.DatabaseSettings;
import dev.plinth.runtime.database.NamePrefixes;
import dev.plinth.runtime.database.Resolution;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Says what {@code backend.database} means for each plugin, without connecting to anything.
 *
 * <p>Reads the files that the settings name (certificates, the password file), so not for an event loop. Nothing is thrown for
 * what is wrong in the configuration: every {@link Resolution} lists it.
 */
public final class DatabaseSettingsResolver {

    private static final Pattern SCHEMA_PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final List<String> FOR_ALL_ONLY = List.of("prefix", "schemaPrefix", "isolation", "isolationSecret");

    /** In place of the section of a plugin that has none. */
    private static final Config NONE = Config.empty().child("none");

    private final Config database;
    private final Map<String, String> environment;
    private final Path workingDirectory;
    /** What holds for plugins without a section of their own, and what was told while it was read. */
    private final Optional<Outline> common;

    private final Reader commonReader = new Reader();

    /**
     * @param root the whole configuration
     * @param environment where {@code PGHOST} and the like are looked up
     * @param workingDirectory to which relative paths relate
     */
    public DatabaseSettingsResolver(Config root, Map<String, String> environment, Path workingDirectory) {
        this.database = root.at("backend.database");
        this.environment = Map.copyOf(environment);
        this.workingDirectory = workingDirectory;
        this.common = outline(NONE, commonReader);
    }

    /** One plugin's, seen alone. */
    public Resolution resolve(String pluginId) {
        Reader reader = new Reader();
        Optional<DatabaseSettings> settings = resolve(pluginId, reader);
        return new Resolution(
                pluginId, settings.filter(ignored -> !reader.hasErrors()), reader.problems(), reader.origins());
    }

    /** Several plugins', each also compared with the others: what they share, and what nobody may share. */
    public DatabasePlan resolve(Collection<String> pluginIds) {
        Map<String, Resolution> plugins = new LinkedHashMap<>();
        pluginIds.forEach(id -> plugins.computeIfAbsent(id, this::resolve));
        Problems problems = new Problems();
        DatabaseOptions options = OptionsReader.read(database, problems);
        return new DatabasePlan(Sharing.check(plugins), prefixes(), options, problems.list());
    }

    private NamePrefixes prefixes() {
        Problems told = new Problems();
        return new NamePrefixes(
                database.child("prefix").string(told).orElse(PostgresNaming.DEFAULT_PREFIX),
                database.child("schemaPrefix").string(told).orElse(""));
    }

    private Optional<DatabaseSettings> resolve(String pluginId, Reader reader) {
        Config own = database.child("plugin").child(pluginId);
        Optional<String> badId = PluginIds.reasonAgainst(pluginId);
        if (badId.isPresent()) {
            reader.error(own, "invalid-config-key", badId.get(), "");
            return Optional.empty();
        }
        if (own.isPresent()) {
            return outline(own, reader).flatMap(outline -> outline.of(own, reader));
        }
        reader.include(commonReader);
        return common.flatMap(outline -> outline.of(own, reader));
    }

    private Optional<Outline> outline(Config own, Reader reader) {
        if (!database.isPresent()) {
            return Optional.of(inMemory());
        }
        if (!Stream.of(database, database.child("plugin"), own).allMatch(reader::isObjectOrAbsent)) {
            return Optional.empty();
        }
        warnOfMisplacedKeys(own, reader);
        checkSchemaPrefix(reader);
        return client(own, reader).flatMap(choice -> outline(own, choice, reader));
    }

    private Optional<Outline> outline(Config own, Choice choice, Reader reader) {
        PluginSection section = new PluginSection(database, own, !choice.overridden());
        if (section.inherits() && !database.child("connection").isPresent()) {
            reader.error(
                    database.child("connection"),
                    "missing-connection",
                    "nothing says where the databases are",
                    "an empty object, {}, is enough for SQLite, or when PG variables are set");
            return Optional.empty();
        }
        return Optional.of(choice.client().outline().read(section, reader, environment, workingDirectory));
    }

    /** Without any section there is still a database for each plugin, whose data is not kept. */
    private Outline inMemory() {
        Origin origin = Origin.DEFAULT;
        ConfigNode memory = new ConfigNode.Scalar(":memory:", origin, false);
        Config shared = database.withNode(new ConfigNode.Mapping(Map.of("connection", memory), origin));
        Outline sqlite = Client.SQLITE
                .outline()
                .read(new PluginSection(shared, NONE, true), new Reader(), environment, workingDirectory);
        return (plugin, reader) -> {
            Optional<DatabaseSettings> settings = sqlite.of(plugin, reader);
            reader.origin("filename", Resolution.DEFAULT);
            return settings;
        };
    }

    /** Which kind of database, and whether the plugin itself says so against the rest. */
    private record Choice(Client client, boolean overridden) {}

    private Optional<Choice> client(Config own, Reader reader) {
        Config shared = database.child("client");
        if (!shared.isPresent()) {
            reader.error(
                    shared, "missing-client", "nothing says which database to use", "set it to pg or better-sqlite3");
            return Optional.empty();
        }
        Config override = own.child("client");
        if (!override.isPresent()) {
            return named(shared, reader).map(client -> new Choice(client, false));
        }
        // The shared client may be one that only other plugins use: whether it is supported is for them to say.
        Optional<Client> base = reader.text("client", Layered.of(shared)).flatMap(Client::named);
        return named(override, reader).map(chosen -> new Choice(chosen, !base.equals(Optional.of(chosen))));
    }

    private static Optional<Client> named(Config place, Reader reader) {
        Optional<String> name = reader.text("client", Layered.of(place));
        Optional<Client> client = name.flatMap(Client::named);
        if (name.isPresent() && client.isEmpty()) {
            reader.error(
                    place,
                    "unsupported-client",
                    Reader.shown(place) + " is not a supported database client",
                    "use pg, better-sqlite3 (also written sqlite3 or sqlite), or jdbc");
        }
        return client;
    }

    private void checkSchemaPrefix(Reader reader) {
        Config place = database.child("schemaPrefix");
        Optional<String> prefix = reader.text("schemaPrefix", Layered.of(place));
        if (prefix.isPresent() && !SCHEMA_PREFIX.matcher(prefix.get()).matches()) {
            reader.error(
                    place,
                    "invalid-schema-prefix",
                    "expected letters, digits and _, not a digit first, got " + Reader.shown(place),
                    "");
        }
    }

    private static void warnOfMisplacedKeys(Config own, Reader reader) {
        FOR_ALL_ONLY.stream()
                .map(own::child)
                .filter(Config::isPresent)
                .forEach(key -> reader.warning(
                        key,
                        "without-effect",
                        "has no effect here: it is set for all plugins at once",
                        "see backend.database." + key.name()));
    }
}
