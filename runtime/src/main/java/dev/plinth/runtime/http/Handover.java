package dev.plinth.runtime.http;

import io.netty.channel.EventLoop;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings requests from the connections' event loop to a plugin, on the former. What one turn of that loop brings goes over at once:
 * to wake the other loop costs more than most requests.
 */
final class Handover {

    private final ContextInternal target;
    private List<Runnable> next = new ArrayList<>();

    Handover(ContextInternal target) {
        this.target = target;
    }

    /** @param request does its work on the plugin's context, and does not throw */
    void add(EventLoop connections, Runnable request) {
        if (!target.isEventLoopContext()) {
            // Each runs on a worker of its own.
            request.run();
            return;
        }
        if (next.isEmpty()) {
            connections.execute(this::handOver);
        }
        next.add(request);
    }

    private void handOver() {
        List<Runnable> requests = next;
        next = new ArrayList<>();
        target.nettyEventLoop().execute(() -> requests.forEach(Runnable::run));
    }
}
