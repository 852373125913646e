package dev.plinth.runtime.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import java.util.concurrent.TimeUnit;

/**
 * Lets a connection write only so much at once: what is beyond it waits until the event loop has looked at all other connections. A
 * caller that takes an answer as fast as it comes would else have that loop for itself. One per connection, on its event loop.
 */
final class FairWrites extends ChannelOutboundHandlerAdapter {

    /** Compressing so much takes some milliseconds. */
    static final int BYTES_AT_ONCE = 64 * 1024;

    /** Whose say it is that the connection takes no more; Vert.x has none of its own. */
    private static final int WRITABILITY = 1;

    private long written;
    private boolean waiting;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        written += bytes(message);
        var unused = context.write(message, promise);
        if (written >= BYTES_AT_ONCE && !waiting) {
            waiting = true;
            setWritable(context, false);
            // A task would be done before the loop looks at its connections, what is scheduled is not.
            var unusedToo = context.executor().schedule(() -> goOn(context), 0, TimeUnit.NANOSECONDS);
        }
    }

    private void goOn(ChannelHandlerContext context) {
        waiting = false;
        written = 0;
        setWritable(context, true);
    }

    private static void setWritable(ChannelHandlerContext context, boolean writable) {
        ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
        if (unsent != null) {
            unsent.setUserDefinedWritability(WRITABILITY, writable);
            // It is told of later too; but who is writing just now must know at once.
            context.fireChannelWritabilityChanged();
        }
    }

    private static long bytes(Object message) {
        if (message instanceof ByteBuf bytes) {
            return bytes.readableBytes();
        }
        if (message instanceof ByteBufHolder part) {
            return part.content().readableBytes();
        }
        return message instanceof FileRegion file ? file.count() : 0;
    }
}
