package dev.plinth.runtime.database.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.vertx.pgclient.impl.codec.PgCodec;
import io.vertx.sqlclient.impl.RowDecoder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the driver and its socket, alone, as each handler there costs every answer. Used on the connection's event loop.
 *
 * <p>What comes is handed to the driver in {@link WholeMessages}. It goes on behind a row with a value that the driver cannot make a
 * Java value of, such as the time 24:00: the driver itself would fail everything on the connection, now and until the server has
 * closed it. What goes is sent with one call of the system for all of a turn of the event loop, not for each statement.
 */
final class PgTraffic extends ChannelDuplexHandler {

    private static final String ROWS = RowDecoder.class.getName();

    /** As many writes go out without waiting for more. */
    private static final int FLUSHED_TOGETHER = 64;

    private final ChannelHandlerContext driver;
    private final ChannelInboundHandler decoder;
    private final Consumer<RuntimeException> unreadable;
    private final WholeMessages messages = new WholeMessages();
    private final Runnable flushing = this::flushInTime;
    private @Nullable ChannelHandlerContext socket;
    private boolean reading;
    private boolean scheduled;
    private int held;

    private PgTraffic(ChannelHandlerContext driver, Consumer<RuntimeException> unreadable) {
        this.driver = driver;
        this.decoder = (ChannelInboundHandler) driver.handler();
        this.unreadable = unreadable;
    }

    /** @param unreadable told of a row that is of the oldest command without an answer, whose other rows still come */
    static PgTraffic control(ChannelPipeline pipeline, Consumer<RuntimeException> unreadable) {
        ChannelHandlerContext driver = pipeline.context(PgCodec.class);
        PgTraffic traffic = new PgTraffic(driver, unreadable);
        pipeline.addBefore(driver.name(), null, traffic);
        return traffic;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        socket = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        messages.release();
    }

    // ---- what comes

    /** The driver is called here, and not through the pipeline, which would tell it of what it throws. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        ByteBuf received = (ByteBuf) message;
        ByteBuf first = messages.complete(context.alloc(), received);
        if (first != null) {
            decode(first);
        }
        if (received.isReadable()) {
            decode(received);
        } else {
            received.release();
        }
    }

    private void decode(ByteBuf whole) throws Exception {
        ByteBuf next = whole;
        while (next != null) {
            next = read(next);
        }
    }

    /** What is to be read next: nothing new, so that the driver goes on with what it has. */
    private @Nullable ByteBuf read(ByteBuf message) throws Exception {
        try {
            decoder.channelRead(driver, message);
            return null;
        } catch (RuntimeException e) {
            if (!isOfRow(e)) {
                throw e;
            }
            unreadable.accept(e);
            return Unpooled.EMPTY_BUFFER;
        }
    }

    /** The driver has then done with the message; of any other failure it is not known where it has left off. */
    private static boolean isOfRow(RuntimeException error) {
        return Arrays.stream(error.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(ROWS));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        flushHeld();
        context.fireChannelReadComplete();
    }

    // ---- what goes

    @Override
    public void flush(ChannelHandlerContext context) {
        held++;
        if (held >= FLUSHED_TOGETHER) {
            flushHeld();
        } else if (!reading && !scheduled) {
            scheduled = true;
            context.executor().execute(flushing);
        }
    }

    private void flushInTime() {
        scheduled = false;
        flushHeld();
    }

    /** Has what was written go out now. */
    void flushHeld() {
        ChannelHandlerContext here = socket;
        if (held > 0 && here != null) {
            held = 0;
            here.flush();
        }
    }

    /** What is held makes room once it is sent. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) {
            flushHeld();
        }
        context.fireChannelWritabilityChanged();
    }

    /** The farewell is to be sent. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        flushHeld();
        var unused = context.close(promise);
    }
}
