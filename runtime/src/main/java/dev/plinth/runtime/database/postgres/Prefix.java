package dev.plinth.runtime.database.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Protocol messages that travel in front of a statement's own without a Sync between them: when one of them fails, the server
 * skips the statement.
 *
 * @param messages not to be released
 * @param results how often the server says CommandComplete for them
 */
record Prefix(ByteBuf messages, int results) {

    /** Pooled connections prepare all statements but this under names. */
    static final String UNNAMED = "";

    /** Opens a transaction. */
    static final Prefix BEGIN =
            new Messages().parse(UNNAMED, "BEGIN").execute(UNNAMED).toPrefix();

    /** Messages in the making. */
    static final class Messages {

        private final ByteBuf out = Unpooled.buffer();
        private int results;

        /** Has the server prepare a statement. */
        Messages parse(String name, String statement) {
            int start = begin('P');
            text(name);
            text(statement);
            out.writeShort(0);
            end(start);
            return this;
        }

        /** Has the server run what was prepared under this name. */
        Messages execute(String name) {
            int bind = begin('B');
            text(UNNAMED);
            text(name);
            out.writeShort(0).writeShort(0).writeShort(0);
            end(bind);
            int execute = begin('E');
            text(UNNAMED);
            out.writeInt(0);
            end(execute);
            results++;
            return this;
        }

        Prefix toPrefix() {
            return new Prefix(Unpooled.unreleasableBuffer(out.asReadOnly()), results);
        }

        private int begin(char type) {
            out.writeByte(type).writeInt(0);
            return out.writerIndex() - 4;
        }

        private void text(String text) {
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8)).writeByte(0);
        }

        private void end(int start) {
            out.setInt(start, out.writerIndex() - start);
        }
    }
}
