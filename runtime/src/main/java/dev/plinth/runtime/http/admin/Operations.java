package dev.plinth.runtime.http.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What operators may ask of the backend, and order. Answers are the documents that they get; failures are {@link Refusal}s where
 * the operator can do something about them. Called on the admin server's event loop, which must not be blocked.
 */
public interface Operations {

    /** This process: version, addresses, age, state. */
    Future<JsonObject> instance();

    Future<JsonObject> plugins();

    Future<JsonObject> plugin(String pluginId);

    /** Carries an order out; answers where the plugins that it concerned stand then. */
    Future<JsonObject> order(String pluginId, PluginOrder order);

    /** What is wrong with the configuration as it is in the files now: all of it, or one plugin's part. */
    Future<JsonObject> checkConfig(Optional<String> pluginId);

    /** Where each plugin's database is, and how. */
    Future<JsonObject> databases();

    /** Where each migration stands; of one plugin, or of all and what removed ones left. */
    Future<JsonObject> migrations(Optional<String> pluginId);

    /** Applies what is pending. */
    Future<JsonObject> migrate(Optional<String> pluginId, MigrationRequest request);

    /** Copies SQLite databases into a directory of this machine. */
    Future<JsonObject> backup(Optional<String> pluginId, Path directory);

    /** Who uses how many connections, and who holds them. */
    Future<JsonObject> pools();

    /** Each key at or below a dotted path with its value and where it comes from; secrets masked. */
    Future<JsonObject> config(String key);

    /**
     * Has a plugin of this process answer one of another instance.
     *
     * @param call {@code caller}, {@code patience} in milliseconds, {@code body}
     * @return {@code answer}, or {@code failure} with {@code code}, {@code error} and {@code message}
     */
    Future<JsonObject> call(String pluginId, String method, JsonObject call);

    /** Tells the plugins of this process what one of another instance has published. */
    Future<JsonObject> publish(String address, JsonObject event);
}
