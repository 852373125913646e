package dev.plinth.runtime.plugin;

import dev.plinth.plugin.ConfigurationException;
import dev.plinth.plugin.PluginConfig;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The configuration as a plugin sees it. Immutable. */
final class ConfigSection implements PluginConfig {

    private final Config config;
    private final @Nullable String shorthandKey;

    ConfigSection(Config config) {
        this(config, null);
    }

    /** With a shorthand key, the value itself is what stands at that key, and nothing else is set. */
    private ConfigSection(Config config, @Nullable String shorthandKey) {
        this.config = config;
        this.shorthandKey = shorthandKey;
    }

    @Override
    public boolean has(String key) {
        return at(key).isPresent();
    }

    @Override
    public String getString(String key) {
        return required(key, Config::string);
    }

    @Override
    public String getString(String key, String defaultValue) {
        return find(key, Config::string).orElse(defaultValue);
    }

    @Override
    public Optional<String> findString(String key) {
        return find(key, Config::string);
    }

    @Override
    public int getInt(String key) {
        return required(key, ConfigSection::toInt);
    }

    @Override
    public int getInt(String key, int defaultValue) {
        return find(key, ConfigSection::toInt).orElse(defaultValue);
    }

    @Override
    public long getLong(String key) {
        return required(key, Config::wholeNumber);
    }

    @Override
    public long getLong(String key, long defaultValue) {
        return find(key, Config::wholeNumber).orElse(defaultValue);
    }

    @Override
    public double getDouble(String key) {
        return required(key, Config::number);
    }

    @Override
    public double getDouble(String key, double defaultValue) {
        return find(key, Config::number).orElse(defaultValue);
    }

    @Override
    public boolean getBoolean(String key) {
        return required(key, Config::bool);
    }

    @Override
    public boolean getBoolean(String key, boolean defaultValue) {
        return find(key, Config::bool).orElse(defaultValue);
    }

    @Override
    public Duration getDuration(String key) {
        return required(key, Config::duration);
    }

    @Override
    public Duration getDuration(String key, Duration defaultValue) {
        return find(key, Config::duration).orElse(defaultValue);
    }

    @Override
    public List<String> getStrings(String key) {
        return read(at(key), value -> value.items().stream()
                .map(item -> item.string().orElseThrow(() -> item.wrongType("a text")))
                .toList());
    }

    @Override
    public PluginConfig getConfig(String key) {
        Config section = at(key);
        return read(section, value -> {
            if (value.isPresent() && !value.isObject()) {
                throw value.wrongType("an object");
            }
            return new ConfigSection(value);
        });
    }

    @Override
    public List<PluginConfig> getConfigs(String key, String shorthandKey) {
        return read(at(key), value -> value.items().stream()
                .map(item -> element(item, shorthandKey))
                .toList());
    }

    @Override
    public JsonObject toJson() {
        Object plain = config.toPlain();
        if (shorthandKey != null) {
            return new JsonObject().put(shorthandKey, plain);
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        if (plain instanceof Map<?, ?> map) {
            map.forEach((name, value) -> copy.put(String.valueOf(name), value));
        }
        return new JsonObject(copy);
    }

    private static PluginConfig element(Config item, String shorthandKey) {
        if (item.isText()) {
            return new ConfigSection(item, shorthandKey);
        }
        if (!item.isObject()) {
            throw item.wrongType("an object or a text");
        }
        return new ConfigSection(item);
    }

    private Config at(String key) {
        if (shorthandKey == null) {
            return config.at(key);
        }
        // Nothing stands below a text, so this place is empty.
        return shorthandKey.equals(key) ? config : config.at(key);
    }

    private <T> T required(String key, Function<Config, Optional<T>> getter) {
        Config place = at(key);
        return read(place, getter).orElseThrow(() -> new ConfigurationException(place.key() + ": is not set"));
    }

    private <T> Optional<T> find(String key, Function<Config, Optional<T>> getter) {
        return read(at(key), getter);
    }

    private static <T> T read(Config place, Function<Config, T> getter) {
        try {
            return getter.apply(place);
        } catch (ConfigException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<Integer> toInt(Config place) {
        Optional<Long> number = place.wholeNumber();
        if (number.isPresent() && number.get() != number.get().intValue()) {
            throw place.wrongType("a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
        }
        return number.map(Long::intValue);
    }
}
