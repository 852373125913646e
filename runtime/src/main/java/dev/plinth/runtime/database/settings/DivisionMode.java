package dev.plinth.runtime.database.settings;

import java.util.List;
import java.util.Locale;

/** What divides the plugins of one server from each other. */
enum DivisionMode {
    DATABASE,
    SCHEMA;

    static DivisionMode of(PluginSection section, Reader reader) {
        return reader.choice(
                        "pluginDivisionMode",
                        section.setting("pluginDivisionMode"),
                        "invalid-division-mode",
                        List.of("database", "schema"))
                .map(text -> valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(DATABASE);
    }
}
