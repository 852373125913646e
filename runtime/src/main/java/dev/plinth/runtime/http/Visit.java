package dev.plinth.runtime.http;

import dev.plinth.runtime.gate.PluginGate;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** One request in one instance of a plugin, from when it was let in until its answer is over. Thread-safe. */
final class Visit {

    private static final String RETRY_SECONDS = "1";

    /** Who has begun to answer: only the first may, as plugin and server are on different threads. */
    private enum Answerer {
        NOBODY,
        PLUGIN,
        SERVER
    }

    private final Exchange exchange;
    private final PluginGate gate;
    private final Mount mount;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<Answerer> answerer = new AtomicReference<>(Answerer.NOBODY);
    private volatile boolean abandoned;

    Visit(Exchange exchange, PluginGate gate, Mount mount) {
        this.exchange = exchange;
        this.gate = gate;
        this.mount = mount;
    }

    /** Nobody waits for the answer any more. */
    boolean isAbandoned() {
        return abandoned;
    }

    /** Runs what changes the head of the plugin's answer, unless the request was answered in its place. */
    synchronized void unlessAnswered(Runnable change) {
        if (answerer.get() != Answerer.SERVER) {
            change.run();
        }
    }

    /** Before anything of the plugin's answer is sent. Whether it may: false when the request was answered in its place. */
    boolean begin() {
        return answerer.compareAndExchange(Answerer.NOBODY, Answerer.PLUGIN) != Answerer.SERVER;
    }

    void leave() {
        if (over.compareAndSet(false, true)) {
            mount.left(this);
            gate.leave();
        }
    }

    /** Answers in the plugin's place, from the connection's event loop: the plugin's own may be blocked. */
    void abandon(String reason, boolean forGood) {
        abandoned = true;
        exchange.request().context().runOnContext(v -> answer(reason, forGood));
    }

    private void answer(String reason, boolean forGood) {
        HttpServerResponse response = exchange.request().response();
        if (response.ended() || response.closed()) {
            return;
        }
        String detail = "plugin '" + exchange.pluginId() + "' cannot answer: " + reason;
        if (!refuse(503, RETRY_SECONDS, detail) && forGood && answerer.get() == Answerer.PLUGIN) {
            // Half an answer: the connection's end says that something is missing.
            response.reset();
        }
    }

    /** Says that the body cannot be read, unless the plugin has begun to answer. On the connection's event loop. */
    void refuseBody() {
        refuse(400, "", "the request's body is not chunked as it must be");
    }

    /** Whether nobody had begun to answer. */
    private synchronized boolean refuse(int status, String retrySeconds, String detail) {
        if (!answerer.compareAndSet(Answerer.NOBODY, Answerer.SERVER)) {
            return false;
        }
        HttpServerResponse response = exchange.request().response();
        response.headers().clear();
        if (!retrySeconds.isEmpty()) {
            response.putHeader(HttpHeaders.RETRY_AFTER, retrySeconds);
        }
        boolean unread = !exchange.request().isEnded();
        if (unread) {
            exchange.announceEnd();
        }
        exchange.problem(status, detail).end(response).onComplete(sent -> {
            if (unread) {
                exchange.cutOff();
            }
        });
        return true;
    }
}
