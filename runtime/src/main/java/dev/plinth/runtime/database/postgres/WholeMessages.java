package dev.plinth.runtime.database.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Collects what comes into whole messages, each in one piece. The driver itself keeps every piece that comes until one ends with a
 * message, and looks for each byte of a large value among thousands of them. Used on the connection's event loop.
 */
final class WholeMessages {

    /** A letter, and the length of what follows it, itself included. */
    private static final int HEADER = 5;

    private final HexBytes bytes = new HexBytes();

    /** What has come of a message so far, with room for the rest of it, or of its header. */
    private @Nullable ByteBuf begun;

    /**
     * Takes from what was received all that is not in whole messages, and keeps what is of one still to come.
     *
     * @return the message that this made whole, to be read first; null if none
     */
    @Nullable
    ByteBuf complete(ByteBufAllocator allocator, ByteBuf received) {
        ByteBuf first = begun == null ? null : complete(allocator, begun, received);
        if (begun == null) {
            int end = endOfWhole(received);
            if (end < received.writerIndex()) {
                begun = begin(allocator, received, end);
                received.writerIndex(end);
            }
        }
        return first;
    }

    /** The message when it is whole now; null when there is more to come, all of what was received being its. */
    private @Nullable ByteBuf complete(ByteBufAllocator allocator, ByteBuf first, ByteBuf received) {
        ByteBuf whole = first;
        if (whole.readableBytes() < HEADER) {
            move(received, whole, HEADER);
            if (whole.readableBytes() < HEADER) {
                return null;
            }
            whole = allocator.heapBuffer(size(whole, 0)).writeBytes(whole);
            first.release();
            begun = whole;
        }
        int size = size(whole, 0);
        move(received, whole, size);
        if (whole.readableBytes() < size) {
            return null;
        }
        begun = null;
        bytes.read(whole, 0);
        return whole;
    }

    private static void move(ByteBuf from, ByteBuf to, int size) {
        to.writeBytes(from, Math.min(size - to.readableBytes(), from.readableBytes()));
    }

    /** Where the first message begins that is not whole. */
    private int endOfWhole(ByteBuf received) {
        int end = received.writerIndex();
        int at = received.readerIndex();
        while (end - at >= HEADER) {
            int size = size(received, at);
            if (size > end - at) {
                break;
            }
            bytes.read(received, at);
            at += size;
        }
        return at;
    }

    private static ByteBuf begin(ByteBufAllocator allocator, ByteBuf received, int start) {
        int there = received.writerIndex() - start;
        return allocator
                .heapBuffer(there < HEADER ? HEADER : size(received, start))
                .writeBytes(received, start, there);
    }

    private static int size(ByteBuf buffer, int start) {
        int length = buffer.getInt(start + 1);
        if (length < HEADER - 1 || length == Integer.MAX_VALUE) {
            throw new IllegalStateException("this is no message of PostgreSQL's protocol");
        }
        return 1 + length;
    }

    /** Nothing more comes. */
    void release() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
