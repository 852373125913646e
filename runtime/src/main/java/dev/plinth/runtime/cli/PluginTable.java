package dev.plinth.runtime.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.UnaryOperator;

/** Plugins of a running backend, for people. */
final class PluginTable {

    private static final String NONE = "-";

    private PluginTable() {}

    /** @param shortened of texts that may name files */
    static String of(JsonObject document, UnaryOperator<String> shortened) {
        TextTable table =
                new TextTable().row("PLUGIN", "STATE", "FOR", "ATTEMPTS", "VERSION", "DATABASE", "CHECKS", "WHY");
        plugins(document)
                .forEach(plugin -> table.row(
                        plugin.getString("id"),
                        plugin.getString("state"),
                        Ages.since(plugin.getString("since")),
                        String.valueOf(plugin.getValue("attempts")),
                        orNone(plugin.getString("version")),
                        // The reason of a database that is down is the plugin's own, or told once by status.
                        plugin.getString("database").split(":", 2)[0],
                        checks(plugin),
                        orNone(Failures.printable(shortened.apply(remark(plugin))))));
        return table.indentedBy("") + leftOut(document, shortened);
    }

    /** How many pass, of how many. */
    private static String checks(JsonObject plugin) {
        List<JsonObject> all = objects(plugin, "checks");
        long passing = all.stream().filter(check -> check.getBoolean("passes")).count();
        return all.isEmpty() ? NONE : passing + " of " + all.size() + " pass";
    }

    private static String leftOut(JsonObject document, UnaryOperator<String> shortened) {
        List<JsonObject> jars = leftOutJars(document);
        if (jars.isEmpty()) {
            return "";
        }
        TextTable table = new TextTable().row("LEFT OUT", "FOR", "WHY");
        jars.forEach(jar -> table.row(
                Failures.printable(shortened.apply(jar.getString("source"))),
                Ages.since(jar.getString("since")),
                Failures.printable(shortened.apply(jar.getString("reason")))));
        return "\n" + table.indentedBy("");
    }

    /** Those of which something is not installed. */
    static List<JsonObject> leftOutJars(JsonObject document) {
        return objects(document, "leftOut");
    }

    static List<JsonObject> plugins(JsonObject document) {
        return objects(document, "plugins");
    }

    /** None where the document has nothing of that name. */
    private static List<JsonObject> objects(JsonObject document, String name) {
        return document.getJsonArray(name, new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    /** The most exact reason that there is; may be empty. */
    static String why(JsonObject plugin) {
        String detail = plugin.getString("detail");
        return detail.isEmpty() ? plugin.getString("reason") : detail;
    }

    private static String remark(JsonObject plugin) {
        String why = why(plugin);
        String reloadFailure = plugin.getString("reloadFailure");
        return why.isEmpty() && !reloadFailure.isEmpty() ? "its newest version does not run: " + reloadFailure : why;
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }
}
