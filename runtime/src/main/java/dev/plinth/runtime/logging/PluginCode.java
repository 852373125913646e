package dev.plinth.runtime.logging;

/** A class loader of plugins: what their code logs belongs to them, also on threads of their own. */
public interface PluginCode {

    /** Whose code it is; empty when it is that of several plugins, or not known yet. */
    String plugin();
}
