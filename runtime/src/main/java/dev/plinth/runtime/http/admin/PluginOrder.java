package dev.plinth.runtime.http.admin;

import java.util.Locale;

/** What an operator may do to a plugin. */
public enum PluginOrder {
    RELOAD,
    RESTART,
    STOP,
    START;

    /** The word in paths. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
