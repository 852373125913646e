package dev.plinth.runtime.plugin;

import io.vertx.core.ThreadingModel;
import java.util.Arrays;
import java.util.Optional;

/** On which kind of thread a plugin runs, as the configuration names it. */
public enum Threading {
    EVENT_LOOP("event-loop", ThreadingModel.EVENT_LOOP),
    WORKER("worker", ThreadingModel.WORKER),
    VIRTUAL_THREAD("virtual-thread", ThreadingModel.VIRTUAL_THREAD);

    private final String key;
    private final ThreadingModel model;

    Threading(String key, ThreadingModel model) {
        this.key = key;
        this.model = model;
    }

    ThreadingModel model() {
        return model;
    }

    static Optional<Threading> of(String key) {
        return Arrays.stream(values())
                .filter(threading -> threading.key.equals(key))
                .findFirst();
    }

    @Override
    public String toString() {
        return key;
    }
}
