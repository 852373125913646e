package dev.plinth.runtime.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Tells of a connection without traffic, unless it is only that an answer takes its time: as long as a plugin likes, while the caller
 * takes what there is. Used on the connection's event loop.
 */
final class IdleClock extends IdleStateHandler {

    private final Link link;

    /** @param timeout none when zero */
    IdleClock(Link link, Duration timeout) {
        super(0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS);
        this.link = link;
    }

    @Override
    protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) throws Exception {
        if (!link.isBusy() || isStuck(context)) {
            super.channelIdle(context, event);
        }
    }

    /** Something was sent, and the caller does not take it. */
    private static boolean isStuck(ChannelHandlerContext context) {
        ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
        return unsent != null && unsent.totalPendingWriteBytes() > 0;
    }
}
