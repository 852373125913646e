package dev.plinth.runtime.cli;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells at a glance how a running backend is, and what is wrong with it. */
@Command(
        name = "status",
        description = "Tell how a running backend is, and what is wrong. Exit code 0 when every plugin serves or was"
                + " stopped on purpose, 1 when one does not, or a jar was left out, 69 when no backend runs.",
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class StatusCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final InstanceOptions options = new InstanceOptions();

    StatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        return options.with(console, instance -> {
            JsonObject document = new JsonObject().put("instance", instance.get("/admin/instance"));
            document.mergeIn(instance.get("/admin/plugins"));
            JsonObject pools = instance.get("/admin/pools");
            document.put("servers", pools.getJsonArray("servers")).put("pools", pools.getJsonArray("pools"));
            StatusReport report = new StatusReport(document);
            console.out().print(options.isJson() ? document.encodePrettily() + "\n" : console.shortened(report.text()));
            return report.isWell() ? ExitCode.SUCCESS : ExitCode.FAILURE;
        });
    }
}
