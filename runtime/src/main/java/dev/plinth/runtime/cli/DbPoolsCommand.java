package dev.plinth.runtime.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows who uses and who holds the connections of a running backend. */
@Command(
        name = "pools",
        description = "Show how many connections each plugin of a running backend uses, and who holds them.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbPoolsCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final InstanceOptions options = new InstanceOptions();

    DbPoolsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return options.with(console, instance -> {
            JsonObject document = instance.get("/admin/pools");
            console.out().print(options.isJson() ? document.encodePrettily() + "\n" : text(document));
            return ExitCode.SUCCESS;
        });
    }

    private static String text(JsonObject document) {
        List<JsonObject> pools = objects(document.getJsonArray("pools"));
        if (pools.isEmpty()) {
            return "no plugin has opened its database\n";
        }
        String text = servers(objects(document.getJsonArray("servers"))) + "\n" + pools(pools);
        String holders = holders(pools);
        return holders.isEmpty() ? text : text + "\n" + holders;
    }

    private static String servers(List<JsonObject> servers) {
        TextTable table = new TextTable()
                .row("SERVER", "IN USE", "IDLE", "OPEN", "BUDGET", "ALLOWED", "PLUGINS", "WANTED", "WAITING");
        servers.forEach(server -> table.row(
                Failures.printable(server.getString("server")),
                number(server, "inUse"),
                number(server, "idle"),
                number(server, "total"),
                number(server, "budget"),
                server.getValue("allowed") == null ? "-" : number(server, "allowed"),
                number(server, "plugins"),
                number(server, "wanted"),
                number(server, "waiting")));
        return table.indentedBy("");
    }

    private static String pools(List<JsonObject> pools) {
        TextTable table = new TextTable()
                .row(
                        "PLUGIN",
                        "IN USE",
                        "IDLE",
                        "OPEN",
                        "MAX",
                        "WAITING",
                        "STATEMENTS",
                        "BINDS",
                        "FAILURES",
                        "MEAN WAIT MS",
                        "MEAN USE MS");
        pools.forEach(pool -> table.row(
                pool.getString("plugin"),
                number(pool, "inUse"),
                number(pool, "idle"),
                number(pool, "total"),
                number(pool, "max"),
                number(pool, "waiting"),
                number(pool, "statements"),
                number(pool, "binds"),
                failures(pool.getJsonObject("failures")),
                number(pool, "meanAcquireMillis"),
                number(pool, "meanUseMillis")));
        return table.indentedBy("");
    }

    /** Only the causes that there were. */
    private static String failures(JsonObject failures) {
        List<String> told = failures.stream()
                .filter(cause -> ((Number) cause.getValue()).longValue() > 0)
                .map(cause -> cause.getValue() + " " + cause.getKey())
                .toList();
        return told.isEmpty() ? "0" : String.join(", ", told);
    }

    private static String holders(List<JsonObject> pools) {
        TextTable table = new TextTable().row("HOLDER", "FOR", "LAST STATEMENT");
        boolean any = false;
        for (JsonObject pool : pools) {
            for (JsonObject holder : objects(pool.getJsonArray("holders"))) {
                any = true;
                table.row(
                        pool.getString("plugin"),
                        Ages.of(Duration.ofMillis(holder.getLong("heldMillis"))),
                        statement(holder));
            }
        }
        return any ? table.indentedBy("") : "";
    }

    private static String statement(JsonObject holder) {
        String statement = holder.getString("lastStatement");
        return statement.isEmpty() ? "none yet" : Failures.printable(statement.replaceAll("\\s+", " "));
    }

    private static String number(JsonObject json, String name) {
        return String.valueOf(json.getValue(name));
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }
}
