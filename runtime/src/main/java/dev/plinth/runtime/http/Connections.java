package dev.plinth.runtime.http;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All connections of the server, up to a limit. Used on their event loop. */
final class Connections {

    /**
     * For how long a connection stays open for a request that may be on its way: its caller could not know that the server stops
     * when it was sent.
     */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final ContextInternal context;
    private final int max;
    private final Map<HttpConnection, Link> open = new HashMap<>();
    private @Nullable Channel listener;
    private @Nullable Promise<Void> noneLeft;

    Connections(ContextInternal context, int max) {
        this.context = context;
        this.max = max;
    }

    /** Takes one more, if there is room. */
    Optional<Link> admit(HttpConnection connection) {
        listener = ((ConnectionBase) connection).channel().parent();
        if (open.size() >= max) {
            return Optional.empty();
        }
        Link link = new Link();
        open.put(connection, link);
        // Once it is closed, nobody can tell any more.
        connection.remoteAddress();
        connection.closeHandler(v -> closed(connection));
        return Optional.of(link);
    }

    /** What is known of a connection that was admitted and is open; of any other, nothing yet. */
    Link of(HttpConnection connection) {
        Link link = open.get(connection);
        return link == null ? new Link() : link;
    }

    int count() {
        return open.size();
    }

    private void closed(HttpConnection connection) {
        open.remove(connection);
        completeWhenNoneIsLeft();
    }

    private void completeWhenNoneIsLeft() {
        if (open.isEmpty() && noneLeft != null) {
            noneLeft.tryComplete();
        }
    }

    /**
     * Accepts no more connections; those that wait to be accepted still are. Vert.x's own way would drop what comes between its
     * last look and the end.
     */
    Future<Void> stopListening() {
        Promise<Void> closed = context.promise();
        if (listener == null) {
            // Nobody ever came.
            closed.complete();
        } else {
            listener.close().addListener(done -> closed.tryComplete());
        }
        return closed.future();
    }

    /**
     * Lets requests in flight and those on their way finish, then closes.
     *
     * @return completes when no connection is left, or the time is over; never fails
     */
    Future<Void> finish(Duration limit) {
        Promise<Void> finished = context.promise();
        noneLeft = finished;
        long millis = Math.max(1, limit.toMillis());
        long grace = Math.min(GRACE.toMillis(), Math.max(1, millis / 2));
        List.copyOf(open.keySet()).stream()
                .filter(Connections::isMultiplexed)
                .forEach(connection -> shutdown(connection, millis));
        context.setTimer(grace, id -> List.copyOf(open.keySet()).forEach(connection -> shutdown(connection, millis)));
        completeWhenNoneIsLeft();
        return finished.future().timeout(millis, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    /** Its caller is told which requests are still answered, and that it should go elsewhere with new ones. */
    private static boolean isMultiplexed(HttpConnection connection) {
        return ((ConnectionBase) connection).channel().pipeline().get("httpEncoder") == null;
    }

    /** Closes it as soon as it has nothing in flight. */
    private static void shutdown(HttpConnection connection, long millis) {
        connection.shutdown(millis, TimeUnit.MILLISECONDS);
    }
}
