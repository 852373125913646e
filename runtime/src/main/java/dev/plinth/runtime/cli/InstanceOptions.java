package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.ConfigLoader;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** What the verbs have in common that need a running backend. A mixin. */
final class InstanceOptions {

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Mixin
    private final InstanceAddress address = new InstanceAddress();

    @Mixin
    private final JsonOption json = new JsonOption();

    boolean isJson() {
        return json.isGiven();
    }

    /** Does something with the running backend; tells what goes wrong, and answers the exit code. */
    int with(Console console, Function<RunningInstance, Integer> work) {
        try {
            return work.apply(address.find(console, () -> ConfigLoader.load(config.request(console))));
        } catch (ConfigException e) {
            return Failures.report(console, e, isJson());
        } catch (InstanceException e) {
            return Failures.report(console, e, isJson());
        }
    }
}
