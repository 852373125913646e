package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What makes a shared connection a plugin's own: search path and application name.
 *
 * <p>As a prefix it is sent in front of a statement without a Sync between them, so that the server skips the statement when the
 * binding fails: no cancellation or error between the two can let a statement run in another plugin's schema.
 */
final class PgBinding {

    /** How often the server says CommandComplete for the prefix. */
    static final int PREFIX_RESULTS = 2;

    private final String sql;
    private final byte[] prefix;

    PgBinding(PostgresSettings settings, String applicationName) {
        List<String> statements = List.of(
                "SET search_path TO " + PgOptions.searchPath(settings.searchPath()),
                "SET application_name TO " + Sql.literal(applicationName));
        this.sql = String.join("; ", statements);
        this.prefix = encode(statements);
    }

    /** The binding as a text of its own. */
    String sql() {
        return sql;
    }

    /** The binding as protocol messages, to be followed by a statement's. */
    byte[] prefix() {
        return prefix;
    }

    private static byte[] encode(List<String> statements) {
        ByteBuf out = Unpooled.buffer();
        for (String statement : statements) {
            parse(out, statement);
            bind(out);
            execute(out);
        }
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    /** The unnamed statement: pooled connections prepare all others under names. */
    private static void parse(ByteBuf out, String statement) {
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        out.writeByte('P').writeInt(4 + 1 + text.length + 1 + 2);
        out.writeByte(0).writeBytes(text).writeByte(0).writeShort(0);
    }

    private static void bind(ByteBuf out) {
        out.writeByte('B').writeInt(4 + 1 + 1 + 2 + 2 + 2);
        out.writeByte(0).writeByte(0).writeShort(0).writeShort(0).writeShort(0);
    }

    private static void execute(ByteBuf out) {
        out.writeByte('E').writeInt(4 + 1 + 4);
        out.writeByte(0).writeInt(0);
    }
}
