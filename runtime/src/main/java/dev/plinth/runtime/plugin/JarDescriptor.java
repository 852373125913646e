package dev.plinth.runtime.plugin;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code META-INF/plinth-plugin.json}: what the plugins of a jar need, readable before anything of the jar is run.
 *
 * @param version of all that is in the jar; may be empty
 * @param plugins by id
 */
record JarDescriptor(String version, Map<String, Entry> plugins) {

    static final String FILE = "META-INF/plinth-plugin.json";

    /** Grows by one with each addition to the plugin API. */
    static final int API_LEVEL = 2;

    /**
     * One plugin's part.
     *
     * @param configSchema the file in the jar that describes its configuration; empty for the usual one
     */
    record Entry(PluginNeeds needs, Optional<String> configSchema) {}

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException when it is not as it must be, with the key
     */
    static JarDescriptor parse(String text) {
        JsonObject json = object(text);
        allow("", json, "apiLevel", "version", "plugins");
        checkLevel(json.getValue("apiLevel"));
        Map<String, Entry> plugins = new TreeMap<>();
        JsonObject entries = objectAt("", json, "plugins");
        if (entries.isEmpty()) {
            throw wrong("plugins", "name each plugin of the jar");
        }
        entries.fieldNames().forEach(id -> plugins.put(id, entry("plugins." + id, objectAt("plugins.", entries, id))));
        return new JarDescriptor(text("", json, "version").orElse(""), plugins);
    }

    private static JsonObject object(String text) {
        try {
            return new JsonObject(text);
        } catch (DecodeException e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalArgumentException(FILE + ": is no JSON object: " + why, e);
        }
    }

    private static void checkLevel(@Nullable Object level) {
        if (!(level instanceof Integer number) || number < 1) {
            throw wrong("apiLevel", "expected a whole number of at least 1, this runtime has " + API_LEVEL);
        }
        if (number > API_LEVEL) {
            throw wrong(
                    "apiLevel",
                    "the plugin needs level " + number + " of the plugin API, this runtime has " + API_LEVEL
                            + "; use a newer Plinth, or an older version of the plugin");
        }
    }

    private static Entry entry(String at, JsonObject json) {
        allow(at, json, "calls", "mayCall", "permissions", "configSchema", "alone");
        JsonObject permissions = objectAt(at + ".", json, "permissions");
        allow(at + ".permissions", permissions, "database", "routes", "addresses");
        PluginNeeds needs = new PluginNeeds(
                lower(texts(at, json, "calls")),
                lower(texts(at, json, "mayCall")),
                false,
                flag(at + ".permissions", permissions, "database"),
                flag(at + ".permissions", permissions, "routes"),
                new HashSet<>(texts(at + ".permissions", permissions, "addresses")),
                flag(at, json, "alone"));
        return new Entry(needs, text(at, json, "configSchema"));
    }

    private static void allow(String at, JsonObject json, String... keys) {
        Set<String> unknown = new HashSet<>(json.fieldNames());
        unknown.removeAll(List.of(keys));
        if (!unknown.isEmpty()) {
            String key = unknown.iterator().next();
            throw wrong(at.isEmpty() ? key : at + "." + key, "unknown key, known are " + String.join(", ", keys));
        }
    }

    private static JsonObject objectAt(String at, JsonObject json, String key) {
        Object value = json.getValue(key);
        if (value == null) {
            return new JsonObject();
        }
        if (value instanceof JsonObject object) {
            return object;
        }
        throw wrong(at + key, "expected an object");
    }

    private static boolean flag(String at, JsonObject json, String key) {
        Object value = json.getValue(key, false);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(at + "." + key, "expected true or false");
    }

    private static Optional<String> text(String at, JsonObject json, String key) {
        Object value = json.getValue(key);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw wrong(at.isEmpty() ? key : at + "." + key, "expected a text");
    }

    private static List<String> texts(String at, JsonObject json, String key) {
        Object value = json.getValue(key, new JsonArray());
        List<String> texts = new ArrayList<>();
        if (value instanceof JsonArray array) {
            array.forEach(item -> texts.add(item instanceof String text ? text : ""));
        }
        if (!(value instanceof JsonArray) || texts.contains("")) {
            throw wrong(at + "." + key, "expected a list of texts");
        }
        return texts;
    }

    private static Set<String> lower(List<String> ids) {
        Set<String> lower = new HashSet<>();
        ids.forEach(id -> lower.add(id.toLowerCase(Locale.ROOT)));
        return lower;
    }

    private static IllegalArgumentException wrong(String key, String what) {
        return new IllegalArgumentException(FILE + ": " + key + ": " + what);
    }
}
