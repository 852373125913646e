package dev.plinth.runtime.config;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;

/**
 * One Vert.x Config store, as {@code config.stores} declares it.
 *
 * @param name as messages and {@code explain} call the layer
 * @param origin where it is declared
 * @param options the store's own, which may hold secrets
 * @param optional whether loading goes on without it
 * @param poll how often it is asked again
 * @param before name of the layer that it goes before
 */
record StoreSettings(
        String name,
        Origin origin,
        String type,
        String format,
        JsonObject options,
        boolean optional,
        Duration poll,
        Optional<String> before) {

    private static final Duration POLL = Duration.ofSeconds(60);

    static Optional<StoreSettings> read(Config store, Problems problems) {
        Optional<String> type = store.at("type").string(problems);
        if (type.isEmpty()) {
            problems.add(store.problem(
                    "missing-key",
                    "a store needs a type",
                    "add for example type: http, with its options below config"));
            return Optional.empty();
        }
        return Optional.of(new StoreSettings(
                store.key() + " (" + type.get() + ")",
                store.node().map(ConfigNode::origin).orElse(Origin.DEFAULT),
                type.get(),
                store.at("format").string(problems).orElse("json"),
                options(store.at("config"), problems),
                store.at("optional").bool(problems).orElse(false),
                store.at("poll").duration(problems).orElse(POLL),
                store.at("before").string(problems)));
    }

    private static JsonObject options(Config config, Problems problems) {
        if (config.isPresent() && !config.isObject()) {
            problems.addAll(config.wrongType("an object").problems());
        }
        return config.isObject() ? new JsonObject(JsonWriter.compact(config.toPlain())) : new JsonObject();
    }

    /** Never prints the options. */
    @Override
    public String toString() {
        return name;
    }
}
