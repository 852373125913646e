package dev.plinth.runtime.plugin;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Which event loops plugins must not use, so that one that blocks its loop blocks no work of the runtime. Thread-safe. */
final class EventLoops {

    private final EventLoopGroup group;
    private final List<EventExecutor> inTurn = new ArrayList<>();
    private final Set<EventExecutor> reserved = ConcurrentHashMap.newKeySet();
    private final Set<EventExecutor> blocked = ConcurrentHashMap.newKeySet();
    private final Set<EventExecutor> hopeless = ConcurrentHashMap.newKeySet();
    /** Who waits for something on a loop, by the loop. */
    private final Map<Promise<Void>, EventExecutor> waiting = new ConcurrentHashMap<>();

    private int turn;

    EventLoops(VertxInternal vertx) {
        this.group = vertx.nettyEventLoopGroup();
        group.forEach(inTurn::add);
    }

    List<EventExecutor> all() {
        return List.copyOf(inTurn);
    }

    /** No plugin is put there until it goes on. */
    void block(EventExecutor loop) {
        blocked.add(loop);
    }

    /** Nobody waits for it any more. */
    void giveUp(EventExecutor loop) {
        hopeless.add(loop);
        waiting.forEach((promise, awaited) -> {
            if (awaited == loop) {
                promise.tryComplete();
            }
        });
    }

    /** Completes as what is done on this context does, or once its event loop is given up. */
    Future<Void> unlessGivenUp(Context context, Future<Void> done) {
        Promise<Void> promise = Promise.promise();
        if (context.isEventLoopContext()) {
            waiting.put(promise, loopOf(context));
        }
        done.onComplete(promise::tryComplete, promise::tryFail);
        if (isHopeless(context)) {
            promise.tryComplete();
        }
        return promise.future().onComplete(over -> waiting.remove(promise));
    }

    void unblock(EventExecutor loop) {
        blocked.remove(loop);
        hopeless.remove(loop);
    }

    boolean isHopeless(Context context) {
        return context.isEventLoopContext() && hopeless.contains(loopOf(context));
    }

    boolean isBlocked(Context context) {
        return context.isEventLoopContext() && isBlocked(loopOf(context));
    }

    boolean isBlocked(EventExecutor loop) {
        return blocked.contains(loop);
    }

    /** Has no effect when it would leave no loop to the plugins. */
    synchronized void reserve(Context context) {
        EventLoop loop = loopOf(context);
        if (reserved.contains(loop) || reserved.size() + 1 < inTurn.size()) {
            reserved.add(loop);
        }
    }

    /** Whether plugins may be there; where possible on none of these. */
    boolean isForPlugins(Context context, Set<EventExecutor> avoided) {
        return !context.isEventLoopContext() || !isTaken(loopOf(context), avoided);
    }

    /**
     * Makes a context that is most likely on the loop whose turn it is among those for plugins: Vert.x deals the loops out in turn,
     * so those before it are taken and dropped. Somebody else may take one in between.
     *
     * @param avoided loops to use only where there is no other
     */
    synchronized <T> T besideReserved(Set<EventExecutor> avoided, Supplier<T> deployment) {
        EventExecutor wanted = nextForPlugins(avoided);
        for (int i = 0; i < inTurn.size(); i++) {
            if (after(group.next()) == wanted) {
                break;
            }
        }
        return deployment.get();
    }

    private EventExecutor nextForPlugins(Set<EventExecutor> avoided) {
        do {
            turn = (turn + 1) % inTurn.size();
        } while (isTaken(inTurn.get(turn), avoided));
        return inTurn.get(turn);
    }

    private boolean isTaken(EventExecutor loop, Set<EventExecutor> avoided) {
        return isTaken(loop)
                || (avoided.contains(loop)
                        && inTurn.stream().anyMatch(other -> !isTaken(other) && !avoided.contains(other)));
    }

    /** Where all that is not reserved is blocked, one of these has to do. */
    private boolean isTaken(EventExecutor loop) {
        return reserved.contains(loop)
                || (blocked.contains(loop)
                        && inTurn.stream().anyMatch(other -> !reserved.contains(other) && !blocked.contains(other)));
    }

    private EventExecutor after(EventExecutor loop) {
        return inTurn.get((inTurn.indexOf(loop) + 1) % inTurn.size());
    }

    private static EventLoop loopOf(Context context) {
        return ((ContextInternal) context).nettyEventLoop();
    }
}
