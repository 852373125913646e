package dev.plinth.runtime.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a request that says its length in two ways, or a header on several lines, as a proxy may have read it differently; and
 * gives up on a caller that takes forever over the headers of a request, or whose body is not chunked as it says. Used on the
 * connection's event loop.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    private final long headersMillis;
    private final Consumer<Boolean> tooSlow;
    private final IntConsumer brokenBody;
    private int requests;
    private boolean inHeaders = true;
    /** Of the request whose headers are being read. */
    private boolean firstLineRead;

    private boolean folded;
    private ByteBuf unread = Unpooled.EMPTY_BUFFER;
    private @Nullable Future<?> clock;

    /**
     * @param tooSlow told whether nothing was asked yet on this connection
     * @param brokenBody told which request it is of, counted from 1; nothing comes after it
     */
    StrictRequestDecoder(
            HttpServerOptions options, Duration headersTimeout, Consumer<Boolean> tooSlow, IntConsumer brokenBody) {
        super(options);
        this.brokenBody = brokenBody;
        this.headersMillis = headersTimeout.toMillis();
        this.tooSlow = tooSlow;
    }

    /** A new connection must say something; one that is kept open may be silent until it is idle for too long. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        startClock(context);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
        stopClock();
        super.handlerRemoved0(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        stopClock();
        super.channelInactive(context);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        int before = out.size();
        unread = buffer;
        if (firstLineRead) {
            folded |= isFolded();
        }
        super.decode(context, buffer, out);
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest) {
                requests++;
                inHeaders = false;
                firstLineRead = false;
                stopClock();
            }
            if (out.get(i) instanceof LastHttpContent) {
                inHeaders = true;
            }
        }
        if (out.size() > before && isBrokenBody(out.get(out.size() - 1))) {
            // Vert.x would close the connection without a word.
            out.remove(out.size() - 1);
            brokenBody.accept(requests);
        }
        if (inHeaders && out.size() == before && clock == null) {
            startClock(context);
        }
    }

    private static boolean isBrokenBody(Object message) {
        return message instanceof HttpContent content
                && !(message instanceof HttpRequest)
                && content.decoderResult().isFailure();
    }

    /** Of another version Vert.x would answer by itself, and without a body. */
    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        if (!initialLine[2].equals("HTTP/1.1") && !initialLine[2].equals("HTTP/1.0")) {
            throw new IllegalArgumentException("unknown version");
        }
        firstLineRead = true;
        folded = isFolded();
        return super.createMessage(initialLine);
    }

    /** Whether one of the headers that begin in the unread bytes, at the beginning of a line, goes on in a further line. */
    private boolean isFolded() {
        int end = unread.writerIndex();
        int line = unread.readerIndex();
        while (line < end && !isOneOf(unread.getByte(line), '\r', '\n')) {
            if (isOneOf(unread.getByte(line), ' ', '\t')) {
                return true;
            }
            int lineFeed = unread.indexOf(line, end, (byte) '\n');
            line = lineFeed < 0 ? end : lineFeed + 1;
        }
        return false;
    }

    private static boolean isOneOf(byte character, char first, char second) {
        return character == first || character == second;
    }

    /** Asked when all headers are read. What is on several lines is read in different ways by proxies and servers. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        if (folded) {
            throw new IllegalArgumentException("a header goes on in the next line");
        }
        return super.isContentAlwaysEmpty(message);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("Content-Length beside Transfer-Encoding");
    }

    private void startClock(ChannelHandlerContext context) {
        if (headersMillis > 0) {
            clock = context.executor()
                    .schedule(() -> tooSlow.accept(requests == 0), headersMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void stopClock() {
        if (clock != null) {
            clock.cancel(false);
            clock = null;
        }
    }
}
