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
        if (!connection.isPresent() || connection.isObject()) {
            return connection;
        }
        Origin origin = connection.node().orElseThrow().origin();
        return connection.withNode(new ConfigNode.Mapping(parse(connection, origin, reader), origin));
    }

    private static Map<String, ConfigNode> parse(Config connection, Origin origin, Reader reader) {
        Map<String, ConfigNode> parts = new LinkedHashMap<>();
        try {
            PostgresUri.parse(connection.toPlain() instanceof String text ? text : "")
                    .forEach((key, value) ->
                            parts.put(key, new ConfigNode.Scalar(value, origin, key.equals("password"))));
        } catch (PostgresUri.Malformed e) {
            reader.error(connection, "invalid-type", e.reason(), "");
        }
        return parts;
    }
}
