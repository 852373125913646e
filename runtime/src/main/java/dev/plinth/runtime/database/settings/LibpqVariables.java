package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Origin;
import java.util.LinkedHashMap;
import java.util.Map;

/** The environment variables that PostgreSQL's own programs read; they fill what the configuration leaves out. */
final class LibpqVariables {

    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("PGHOST", "host"),
            Map.entry("PGPORT", "port"),
            Map.entry("PGUSER", "user"),
            Map.entry("PGPASSWORD", "password"),
            Map.entry("PGDATABASE", "database"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey"),
            Map.entry("PGAPPNAME", "application_name"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGOPTIONS", "options"));

    private LibpqVariables() {}

    /** The variables as if they stood at this place. As in libpq, an empty variable counts as unset. */
    static Config at(Config place, Map<String, String> environment) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        KEYS.forEach((variable, key) -> {
            String value = environment.getOrDefault(variable, "");
            if (!value.isEmpty()) {
                boolean secret = key.equals("password");
                entries.put(key, new ConfigNode.Scalar(value, Origin.of(variable), secret));
            }
        });
        return place.withNode(new ConfigNode.Mapping(entries, Origin.of("environment")));
    }

    static boolean isOne(String source) {
        return KEYS.containsKey(source);
    }
}
