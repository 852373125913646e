package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import java.util.List;

/**
 * What an operator may ask about plugins and do to them while the backend runs. Any thread.
 *
 * <p>Ids are compared without case. Every failure is a {@link PluginException}, whose {@link PluginException#kind()} says what
 * the operator can do about it.
 */
public interface PluginControl {

    /** Where each plugin stands, in the order in which they were found, after asking their health checks. Never fails. */
    Future<List<PluginSnapshot>> plugins();

    /** The jars whose plugins are not installed, or not all of them, and why. */
    List<LeftOutJar> leftOut();

    /**
     * Replaces all plugins of this plugin's jar by what the jar holds now. The old ones serve until the new ones do, and go on
     * serving when those fail.
     *
     * @return the plugins that serve now; fails when the jar cannot be loaded or one of its plugins does not start
     */
    Future<List<PluginStatus>> reload(String pluginId);

    /** Stops the plugin and starts the same version again; requests wait meanwhile. */
    Future<PluginStatus> restart(String pluginId);

    /** Stops the plugin, and leaves it so until {@link #start}. Its requests are refused. */
    Future<PluginStatus> stop(String pluginId);

    /** Starts a plugin that is stopped, or failed; does nothing for one that runs. */
    Future<PluginStatus> start(String pluginId);
}
