package dev.plinth.runtime.http;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings whole answers to the connections' event loop. What comes before that loop gets to it goes over as one task, whichever
 * connections it is for. Thread-safe.
 */
final class Answers {

    private final EventLoop connections;
    private final Queue<WholeAnswer> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    Answers(EventLoop connections) {
        this.connections = connections;
    }

    void add(WholeAnswer answer) {
        waiting.add(answer);
        if (count.getAndIncrement() == 0) {
            connections.execute(this::send);
        }
    }

    /** Until there is none: what the connections' loop is told after an answer must not come before it. */
    private void send() {
        for (int sent = count.get(); sent > 0; sent = count.addAndGet(-sent)) {
            for (int i = 0; i < sent; i++) {
                waiting.remove().dispatch();
            }
        }
    }
}
