package dev.plinth.runtime.database.postgres;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Keeps a number of requests to each of several pools under way, and remembers how each went. */
final class Load {

    /** A plugin whose request failed asks again so much later, as its users do. */
    private static final long PAUSE_MILLIS = 5;

    private final Vertx vertx;
    private final Function<Pool, Future<?>> work;
    private final Map<Long, Call> underWay = new ConcurrentHashMap<>();
    private final Collection<Call> answered = new ConcurrentLinkedQueue<>();
    /** When each plugin was answered last as it should be, or when this began. */
    private final Map<Integer, Long> lastAnswers = new ConcurrentHashMap<>();

    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean stopped;

    /** @param error null when it went well */
    record Call(int plugin, long start, long end, Throwable error) {

        Duration took() {
            return Duration.ofNanos(end - start);
        }

        boolean failed() {
            return error != null;
        }
    }

    Load(Vertx vertx, List<Pool> pools, int each, Function<Pool, Future<?>> work) {
        this.vertx = vertx;
        this.work = work;
        for (int plugin = 0; plugin < pools.size(); plugin++) {
            lastAnswers.put(plugin, System.nanoTime());
            for (int i = 0; i < each; i++) {
                int id = plugin;
                Pool pool = pools.get(plugin);
                vertx.getOrCreateContext().runOnContext(nothing -> ask(id, pool));
            }
        }
    }

    private void ask(int plugin, Pool pool) {
        if (stopped) {
            return;
        }
        long number = numbers.incrementAndGet();
        Call call = new Call(plugin, System.nanoTime(), 0, null);
        underWay.put(number, call);
        work.apply(pool).onComplete((result, error) -> {
            underWay.remove(number);
            long end = System.nanoTime();
            answered.add(new Call(plugin, call.start(), end, error));
            if (error == null) {
                lastAnswers.put(plugin, end);
                vertx.runOnContext(nothing -> ask(plugin, pool));
            } else {
                vertx.setTimer(PAUSE_MILLIS, id -> ask(plugin, pool));
            }
        });
    }

    /** Waits until so many calls were answered. */
    void awaitAnswers(int count) throws InterruptedException {
        while (answered.size() < count) {
            Thread.sleep(5);
        }
    }

    /** Waits until every plugin was answered as it should be after this time, or until the limit is over. */
    void awaitAnswersOfAll(long since, Duration limit) throws InterruptedException {
        while (lastAnswers.values().stream().anyMatch(last -> last - since <= 0)
                && System.nanoTime() - since < limit.toNanos()) {
            Thread.sleep(5);
        }
    }

    /** Asks no more, and answers all calls once the last is answered; fails when one hangs. */
    List<Call> stop(Duration limit) throws InterruptedException {
        stopped = true;
        long end = System.nanoTime() + limit.toNanos();
        while (!underWay.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(underWay.size() + " calls hang: " + List.copyOf(underWay.values()));
            }
            Thread.sleep(5);
        }
        return List.copyOf(answered);
    }
}
