package dev.plinth.runtime.plugin;

import java.util.Set;

/**
 * What a plugin says that it needs.
 *
 * @param calls ids of plugins that must be installed, in lower case
 * @param mayCall ids of plugins that it calls when they are installed, in lower case
 * @param callsAny whether it may call all plugins: it said nothing
 * @param database whether it may have a database
 * @param routes whether it may have routes
 * @param addresses on the event bus to which it may publish, besides those that begin with its id
 * @param alone whether no other version of it may run at the same time
 */
record PluginNeeds(
        Set<String> calls,
        Set<String> mayCall,
        boolean callsAny,
        boolean database,
        boolean routes,
        Set<String> addresses,
        boolean alone) {

    /** Of a plugin that says nothing. */
    static final PluginNeeds UNSAID = new PluginNeeds(Set.of(), Set.of(), true, true, true, Set.of(), false);

    PluginNeeds {
        calls = Set.copyOf(calls);
        mayCall = Set.copyOf(mayCall);
        addresses = Set.copyOf(addresses);
    }
}
