package dev.plinth.runtime.database.postgres;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.pgclient.impl.codec.PgCodec;
import io.vertx.sqlclient.impl.RowDecoder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes on behind a row with a value that the driver cannot make a Java value of, such as the time 24:00. The driver itself would fail
 * everything on the connection, now and until the server has closed it. Used on the connection's event loop.
 */
final class UnreadableRows extends ChannelInboundHandlerAdapter {

    private static final String ROWS = RowDecoder.class.getName();

    private final ChannelHandlerContext driver;
    private final ChannelInboundHandler decoder;
    private final Consumer<RuntimeException> unreadable;

    private UnreadableRows(ChannelHandlerContext driver, Consumer<RuntimeException> unreadable) {
        this.driver = driver;
        this.decoder = (ChannelInboundHandler) driver.handler();
        this.unreadable = unreadable;
    }

    /** @param unreadable told of a row that is of the oldest command without an answer, whose other rows still come */
    static void skip(ChannelPipeline pipeline, Consumer<RuntimeException> unreadable) {
        ChannelHandlerContext driver = pipeline.context(PgCodec.class);
        pipeline.addBefore(driver.name(), null, new UnreadableRows(driver, unreadable));
    }

    /** The driver is called here, and not through the pipeline, which would tell it of what it throws. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        Object next = message;
        while (next != null) {
            next = read(next);
        }
    }

    /** What is to be read next: nothing new, so that the driver goes on with what it has. */
    private @Nullable Object read(Object message) throws Exception {
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
}
