package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The connection as objects only, a URL having been taken apart.
 *
 * @param own the plugin's part
 * @param configured the plugin's part over the shared one
 * @param complete that over the PG variables
 */
record PostgresConnection(Config own, Layered configured, Layered complete) {

    /** A URL may also stand beside other keys. */
    private static final String URL = "connectionString";

    static PostgresConnection of(PluginSection section, Reader reader, Map<String, String> environment) {
        Config own = objectOf(section.own().child("connection"), reader);
        Config shared = section.shared().child("connection");
        Config weakest = section.inherits() ? shared : own;
        Layered configured = section.inherits() ? Layered.of(own, objectOf(shared, reader)) : Layered.of(own);
        return new PostgresConnection(own, configured, configured.under(LibpqVariables.at(weakest, environment)));
    }

    Layered setting(String name) {
        return complete.child(name);
    }

    private static Config objectOf(Config connection, Reader reader) {
        if (!connection.isPresent()) {
            return connection;
        }
        Origin origin = connection.node().orElseThrow().origin();
        if (!connection.isObject()) {
            return connection.withNode(new ConfigNode.Mapping(parse(connection, origin, reader), origin));
        }
        Config url = connection.child(URL);
        return url.isPresent() ? withUrl(connection, url, origin, reader) : connection;
    }

    /** As in Node's driver, the parts of the URL win over the keys beside it. */
    private static Config withUrl(Config connection, Config url, Origin origin, Reader reader) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        connection.children().stream().filter(key -> !key.name().equals(URL)).forEach(key -> key.node()
                .ifPresent(node -> entries.put(key.name(), node)));
        entries.putAll(parse(url, url.node().orElseThrow().origin(), reader));
        return connection.withNode(new ConfigNode.Mapping(entries, origin));
    }

    private static Map<String, ConfigNode> parse(Config place, Origin origin, Reader reader) {
        Map<String, ConfigNode> parts = new LinkedHashMap<>();
        try {
            PostgresUri.parse(place.toPlain() instanceof String text ? text : "")
                    .forEach((key, value) ->
                            parts.put(key, new ConfigNode.Scalar(value, origin, key.equals("password"))));
        } catch (PostgresUri.Malformed e) {
            reader.error(place, "invalid-type", e.reason(), "");
        }
        return parts;
    }
}
