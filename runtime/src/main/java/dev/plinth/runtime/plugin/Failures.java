package dev.plinth.runtime.plugin;

import dev.plinth.plugin.ConfigurationException;
import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.bus.DatabaseRefusedException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** What a failure of a plugin's start means. */
final class Failures {

    private static final List<Class<? extends Throwable>> PASSING = List.of(
            DatabaseRefusedException.class, ClosedConnectionException.class, IOException.class, TimeoutException.class);

    private Failures() {}

    /** In words that anybody may read. */
    static String reason(Throwable failure) {
        if (failure instanceof PluginException e) {
            return e.reason();
        }
        if (failure instanceof DatabaseUnavailableException) {
            return "its database could not be prepared";
        }
        return failure instanceof ConfigurationException
                ? "its configuration is wrong"
                : "start() failed with " + failure.getClass().getSimpleName();
    }

    static String detail(Throwable failure) {
        // The message of a class that is missing is its name, and nothing else.
        return failure.getMessage() == null || failure instanceof LinkageError
                ? failure.toString()
                : failure.getMessage();
    }

    /** The detail for a line that begins with the plugin's name, as many messages do. */
    static String detailWithout(String pluginId, Throwable failure) {
        String prefix = "plugin '" + pluginId + "': ";
        String detail = detail(failure);
        return detail.startsWith(prefix) ? detail.substring(prefix.length()) : detail;
    }

    /** Whether the message says all: then nobody wants the stack. */
    static boolean isPlain(Throwable failure) {
        return failure instanceof PluginException
                || failure instanceof DatabaseUnavailableException
                || failure instanceof ConfigurationException;
    }

    /**
     * Whether trying again may help though nobody changes the plugin: something outside of it is away, or keeps it out. Broken
     * code, wrong configuration and a migration that fails stay as they are.
     */
    static boolean mayPass(Throwable failure) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> PASSING.stream().anyMatch(type -> type.isInstance(cause)));
    }
}
