package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.pool.NoAnswerException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a connection's answers come: has the server asked about one that is silent for long, and ends what takes longer
 * than a statement may. Used on the connection's event loop only.
 */
final class AnswerWatch {

    /** The server is asked so often about a connection of which it did not tell. */
    private static final Duration ASK_AGAIN = Duration.ofMillis(250);

    /** So long nothing of a message may leave: on a slow line it does so in bursts. */
    private static final Duration SENDING = Duration.ofSeconds(10);

    private final Watched watched;
    private final ContextInternal context;
    private final ChannelHandlerContext channel;
    /** A little more than the server's own limit, whose word is the better one. */
    private final @Nullable Duration limit;

    private boolean looking;
    private long lastAtWork = System.nanoTime();
    /** What was still to be sent at the last look, while there is no answer. */
    private long unsent;

    private long lastSent;

    /** The connection; times are what {@link System#nanoTime} told. */
    interface Watched {

        /** When the oldest of what is not answered yet was asked; {@link Long#MAX_VALUE} if there is none. */
        long askedSince();

        /** When the last answer came. */
        long lastAnswer();

        /** There is no answer, and the server may have nothing to do. */
        void silent();

        /** There is no answer within the limit. */
        void overdue(NoAnswerException why);
    }

    /** @param callTimeout how long one statement may take; empty for no limit */
    AnswerWatch(
            Watched watched, ContextInternal context, ChannelHandlerContext channel, Optional<Duration> callTimeout) {
        this.watched = watched;
        this.context = context;
        this.channel = channel;
        this.limit =
                callTimeout.map(timeout -> timeout.plus(timeout.dividedBy(12))).orElse(null);
    }

    /** Something was asked. */
    void begin() {
        if (!looking) {
            looking = true;
            context.setTimer(untilNextLook(), id -> look());
        }
    }

    /** The server says, elsewhere, that it is at work for this connection. */
    void isAtWork() {
        lastAtWork = System.nanoTime();
    }

    /** Since when nothing shows that the server is at work on what it owes. */
    long waitingSince() {
        long asked = watched.askedSince();
        return asked == Long.MAX_VALUE ? asked : Math.max(Math.max(asked, watched.lastAnswer()), lastAtWork);
    }

    private long untilNextLook() {
        long asked = watched.askedSince();
        if (asked == Long.MAX_VALUE) {
            return PgWatch.SILENCE.toMillis();
        }
        long now = System.nanoTime();
        long untilSilent = PgWatch.SILENCE.toNanos() - (now - waitingSince());
        long untilLimit = limit == null ? Long.MAX_VALUE : limit.toNanos() - (now - asked);
        long next = Math.min(untilSilent > 0 ? untilSilent : ASK_AGAIN.toNanos(), untilLimit);
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(next) + 1);
    }

    private void look() {
        looking = false;
        long asked = watched.askedSince();
        if (asked == Long.MAX_VALUE) {
            return;
        }
        long now = System.nanoTime();
        if (limit != null && now - asked >= limit.toNanos()) {
            watched.overdue(new NoAnswerException(limit));
            return;
        }
        if (now - waitingSince() >= PgWatch.SILENCE.toNanos()) {
            fellSilent(now);
        } else {
            unsent = 0;
        }
        begin();
    }

    /** The server has nothing to do yet while a large value is on its way to it. */
    private void fellSilent(long now) {
        long before = unsent;
        unsent = unsent();
        if (unsent < before || before == 0) {
            lastSent = now;
        }
        if (unsent == 0 && before > 0) {
            lastAtWork = now;
        } else if (unsent == 0 || now - lastSent >= SENDING.toNanos()) {
            watched.silent();
        }
    }

    /** How many bytes of what was written wait to be sent. */
    private long unsent() {
        ChannelOutboundBuffer buffer = channel.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }
}
