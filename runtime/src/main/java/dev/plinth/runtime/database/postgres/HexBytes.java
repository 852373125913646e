package dev.plinth.runtime.database.postgres;

import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/**
 * Makes the BYTEA that the rows of a simple query carry as text what it is in other rows, bytes. The driver reads each digit by itself,
 * for which 50 MB hold up the event loop for half a second and more. Used on the connection's event loop.
 */
final class HexBytes {

    private static final int HEADER = 5;

    /** The number of the type in every PostgreSQL. */
    private static final int BYTEA = 17;

    private static final int TEXT = 0;
    private static final int BINARY = 1;

    /** Where in the rows that come now bytes are written as text. */
    private final BitSet columns = new BitSet();

    /** Changes a message, which keeps its size: the driver passes over what is left at its end. */
    void read(ByteBuf buffer, int message) {
        switch (buffer.getByte(message)) {
            case 'T' -> describe(buffer, message + HEADER);
            case 'D' -> {
                if (!columns.isEmpty()) {
                    row(buffer, message + HEADER);
                }
            }
            // The rows of a prepared statement come without a description.
            case '2', 'C', 'E', 'Z' -> columns.clear();
            default -> {}
        }
    }

    /** Of each column: its name, table, number there, type, size, modifier, and how it is written. */
    private void describe(ByteBuf buffer, int start) {
        columns.clear();
        int count = buffer.getUnsignedShort(start);
        int at = start + Short.BYTES;
        for (int i = 0; i < count; i++) {
            int end = buffer.indexOf(at, buffer.writerIndex(), (byte) 0) + 1;
            int type = end + Integer.BYTES + Short.BYTES;
            int format = type + Integer.BYTES + Short.BYTES + Integer.BYTES;
            if (buffer.getInt(type) == BYTEA && buffer.getShort(format) == TEXT) {
                buffer.setShort(format, BINARY);
                columns.set(i);
            }
            at = format + Short.BYTES;
        }
    }

    /** Of each column: its length, -1 for null, and the value. */
    private void row(ByteBuf buffer, int start) {
        int count = buffer.getUnsignedShort(start);
        int from = start + Short.BYTES;
        int to = from;
        for (int i = 0; i < count; i++) {
            int length = buffer.getInt(from);
            int value = from + Integer.BYTES;
            int kept = length;
            if (length > 0 && columns.get(i)) {
                kept = bytes(buffer, value, length, to + Integer.BYTES);
            } else if (length > 0 && to < from) {
                buffer.setBytes(to + Integer.BYTES, buffer, value, length);
            }
            buffer.setInt(to, kept);
            from = value + Math.max(0, length);
            to += Integer.BYTES + Math.max(0, kept);
        }
    }

    private static int bytes(ByteBuf buffer, int from, int length, int to) {
        if (buffer.hasArray()) {
            return bytes(buffer.array(), buffer.arrayOffset() + from, length, buffer.arrayOffset() + to);
        }
        byte[] text = new byte[length];
        buffer.getBytes(from, text);
        int count = bytes(text, 0, length, 0);
        buffer.setBytes(to, text, 0, count);
        return count;
    }

    /** How many bytes the text stands for, which are written over it, or in front of it. */
    private static int bytes(byte[] text, int from, int length, int to) {
        boolean hex = length > 1 && text[from] == '\\' && text[from + 1] == 'x';
        return hex ? hex(text, from + 2, length / 2 - 1, to) : escaped(text, from, length, to);
    }

    private static int hex(byte[] text, int from, int count, int to) {
        for (int i = 0; i < count; i++) {
            text[to + i] = (byte) ((digit(text[from + 2 * i]) << 4) | digit(text[from + 2 * i + 1]));
        }
        return count;
    }

    private static int digit(byte letter) {
        return (letter & 0xF) + (letter >> 6) * 9;
    }

    /** With {@code bytea_output = escape}: a backslash twice, or before three octal digits. */
    private static int escaped(byte[] text, int start, int length, int to) {
        int at = to;
        int from = start;
        while (from < start + length) {
            if (text[from] != '\\') {
                text[at++] = text[from++];
            } else if (text[from + 1] == '\\') {
                text[at++] = '\\';
                from += 2;
            } else {
                text[at++] = (byte) (((text[from + 1] & 7) << 6) | ((text[from + 2] & 7) << 3) | (text[from + 3] & 7));
                from += 4;
            }
        }
        return at - to;
    }
}
