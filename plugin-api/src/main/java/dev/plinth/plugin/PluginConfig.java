package dev.plinth.plugin;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One section of the configuration, read-only.
 *
 * <p>Keys are dotted paths below this section. Text is converted where a number, boolean or duration is asked for, as
 * values from the environment are always text. A getter fails with {@link ConfigurationException} when its value has the
 * wrong type, and a getter without default also when it is missing; the message names the key, the file and the line.
 */
public interface PluginConfig {

    /** Whether there is a value, other than null, at this key. */
    boolean has(String key);

    String getString(String key);

    String getString(String key, String defaultValue);

    Optional<String> findString(String key);

    int getInt(String key);

    int getInt(String key, int defaultValue);

    long getLong(String key);

    long getLong(String key, long defaultValue);

    double getDouble(String key);

    double getDouble(String key, double defaultValue);

    boolean getBoolean(String key);

    boolean getBoolean(String key, boolean defaultValue);

    /** Text such as {@code 30s}, {@code 2 minutes} or {@code PT1M}, or an object such as {@code {minutes: 2}}. */
    Duration getDuration(String key);

    Duration getDuration(String key, Duration defaultValue);

    /** A list of text; empty when there is no value. */
    List<String> getStrings(String key);

    /** The section at this key; empty when there is no value. */
    PluginConfig getConfig(String key);

    /**
     * The sections in the list at this key; empty when there is no value. An element that is plain text becomes a section
     * with that text at {@code shorthandKey}.
     */
    List<PluginConfig> getConfigs(String key, String shorthandKey);

    /** A copy of this section as JSON. */
    JsonObject toJson();
}
