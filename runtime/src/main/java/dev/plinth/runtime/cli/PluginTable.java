package dev.plinth.runtime.cli;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** Plugins of a running backend, for people. */
final class PluginTable {

    private static final String NONE = "-";

    private PluginTable() {}

    static String of(JsonObject document) {
        TextTable table = new TextTable().row("PLUGIN", "STATE", "FOR", "ATTEMPTS", "VERSION", "DATABASE", "WHY");
        plugins(document)
                .forEach(plugin -> table.row(
                        plugin.getString("id"),
                        plugin.getString("state"),
                        Ages.since(plugin.getString("since")),
                        String.valueOf(plugin.getValue("attempts")),
                        orNone(plugin.getString("version")),
                        // The reason of a database that is down is the plugin's own, or told once by status.
                        plugin.getString("database").split(":", 2)[0],
                        orNone(Failures.printable(why(plugin)))));
        return table.indentedBy("");
    }

    static List<JsonObject> plugins(JsonObject document) {
        return document.getJsonArray("plugins").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    /** The most exact reason that there is; may be empty. */
    static String why(JsonObject plugin) {
        String detail = plugin.getString("detail");
        return detail.isEmpty() ? plugin.getString("reason") : detail;
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }
}
