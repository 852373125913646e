package dev.plinth.runtime.http;

import dev.plinth.runtime.logging.LogScope;

/** By which name a request is known to its caller, to logs and errors, and to the services that a plugin calls for it. */
record RequestIdentity(String requestId, TraceParent trace) {

    LogScope scope(String pluginId) {
        return new LogScope(pluginId, requestId, trace.traceId());
    }
}
