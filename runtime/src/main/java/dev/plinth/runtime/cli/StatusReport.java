package dev.plinth.runtime.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How a running backend is, for the person who was woken up: first how many are well, then each thing that is wrong. */
final class StatusReport {

    private static final Duration HELD_LONG = Duration.ofSeconds(30);
    private static final int MANY = 4;
    private static final Set<String> WELL = Set.of("ready", "stopped");
    private static final String DOWN = "down";

    private final JsonObject instance;
    private final List<JsonObject> plugins;
    private final List<JsonObject> leftOut;
    private final List<JsonObject> servers;
    private final List<JsonObject> pools;

    /** @param document instance, plugins, jars that were left out, servers and pools, as the admin server tells them */
    StatusReport(JsonObject document) {
        this.instance = document.getJsonObject("instance");
        this.plugins = PluginTable.plugins(document);
        this.leftOut = PluginTable.leftOutJars(document);
        this.servers = objects(document.getJsonArray("servers"));
        this.pools = objects(document.getJsonArray("pools"));
    }

    boolean isWell() {
        return leftOut.isEmpty() && plugins.stream().allMatch(StatusReport::isWell);
    }

    private static boolean isWell(JsonObject plugin) {
        return WELL.contains(plugin.getString("state")) && !isDatabaseDown(plugin);
    }

    String text() {
        StringBuilder text = new StringBuilder(head());
        TextTable table = new TextTable().row("plugins", counts());
        shownServers().forEach(server -> table.row("database", server(server)));
        String stopped = stopped();
        if (!stopped.isEmpty()) {
            table.row("stopped", stopped);
        }
        text.append(table.indentedBy("  "));
        List<String> wrong = wrong();
        text.append(wrong.isEmpty() ? "nothing is wrong\n" : "what is wrong:\n");
        wrong.forEach(line -> text.append("  ").append(Failures.printable(line)).append('\n'));
        return text.toString();
    }

    private String head() {
        String url = instance.getString("url");
        return "plinth " + instance.getString("version") + (url.isEmpty() ? "" : " at " + url) + ": "
                + instance.getString("state") + ", up for " + Ages.since(instance.getString("startedAt"))
                + " (process " + instance.getValue("pid") + ", Java " + instance.getString("java") + ", in "
                + Failures.printable(instance.getString("workingDirectory")) + ")\n";
    }

    private String counts() {
        Map<String, Long> byState = plugins.stream()
                .collect(Collectors.groupingBy(
                        plugin -> plugin.getString("state"), LinkedHashMap::new, Collectors.counting()));
        return byState.isEmpty()
                ? "none"
                : byState.entrySet().stream()
                        .map(state -> state.getValue() + " " + state.getKey())
                        .collect(Collectors.joining(", "));
    }

    /** With a file for each of many plugins, all of them in one. */
    private List<JsonObject> shownServers() {
        if (servers.size() <= MANY) {
            return servers;
        }
        JsonObject all = new JsonObject().put("server", servers.size() + " databases");
        for (String number : List.of("inUse", "budget", "waiting")) {
            all.put(
                    number,
                    servers.stream()
                            .mapToInt(server -> server.getInteger(number))
                            .sum());
        }
        return List.of(all);
    }

    private static String server(JsonObject server) {
        int waiting = server.getInteger("waiting");
        return Failures.printable(server.getString("server")) + ", " + server.getValue("inUse") + " of "
                + server.getValue("budget") + " connections in use"
                + (waiting == 0 ? "" : ", " + waiting + " requests wait for one");
    }

    /** Not wrong, but easily forgotten. */
    private String stopped() {
        return plugins.stream()
                .filter(plugin -> plugin.getString("state").equals("stopped"))
                .map(plugin -> plugin.getString("id") + " (" + plugin.getString("reason") + ")")
                .collect(Collectors.joining(", "));
    }

    private List<String> wrong() {
        List<String> lines = new ArrayList<>();
        plugins.forEach(plugin -> addTrouble(plugin, lines));
        leftOut.forEach(jar -> lines.add(jar.getString("source") + ": left out for "
                + Ages.since(jar.getString("since")) + ": " + jar.getString("reason")));
        pools.forEach(pool -> addTrouble(pool.getString("plugin"), pool, lines));
        return lines;
    }

    private static void addTrouble(JsonObject plugin, List<String> lines) {
        String id = plugin.getString("id");
        String why = PluginTable.why(plugin);
        if (!WELL.contains(plugin.getString("state"))) {
            lines.add(id + ": " + plugin.getString("state") + " for " + Ages.since(plugin.getString("since"))
                    + attempts(plugin) + (why.isEmpty() ? "" : ": " + why));
        }
        String database = plugin.getString("database");
        if (isDatabaseDown(plugin) && !why.contains(reason(database))) {
            // One server is looked at for all of its plugins: whose attempt it was tells nothing.
            lines.add(id + ": its database is " + database.replaceFirst("plugin '[^']*': ", ""));
        }
        if (!plugin.getString("reloadFailure").isEmpty()) {
            lines.add(id + ": its newest version does not run, the one before serves: "
                    + plugin.getString("reloadFailure"));
        }
        if (plugin.getLong("uncaughtExceptions") > 0) {
            long uncaught = plugin.getLong("uncaughtExceptions");
            lines.add(
                    id + ": " + uncaught + " uncaught exception" + (uncaught == 1 ? "" : "s") + " so far, see the log");
        }
    }

    private static boolean isDatabaseDown(JsonObject plugin) {
        return plugin.getString("database").startsWith(DOWN);
    }

    private static String reason(String database) {
        return database.substring(Math.min(database.length(), DOWN.length() + 2));
    }

    private static String attempts(JsonObject plugin) {
        int attempts = plugin.getInteger("attempts");
        return attempts > 1 ? ", attempt " + attempts : "";
    }

    private static void addTrouble(String pluginId, JsonObject pool, List<String> lines) {
        int waiting = pool.getInteger("waiting");
        if (waiting > 0) {
            lines.add(pluginId + ": " + waiting + " requests wait for a connection, " + pool.getValue("inUse") + " of "
                    + pool.getValue("max") + " are in use; see plinth db pools");
        }
        for (JsonObject holder : objects(pool.getJsonArray("holders"))) {
            Duration held = Duration.ofMillis(holder.getLong("heldMillis"));
            if (held.compareTo(HELD_LONG) > 0) {
                lines.add(pluginId + ": has held a connection for " + Ages.of(held) + "; see plinth db pools");
            }
        }
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }
}
