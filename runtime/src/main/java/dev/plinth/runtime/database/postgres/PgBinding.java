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

    /** Kept ready on a connection, a binding costs the server less. It has no rows, which the driver would not expect. */
    static final String PREPARE = "PREPARE plinth_bind (text, text) AS SELECT WHERE"
            + " set_config('search_path', $1, false) || set_config('application_name', $2, false) IS NULL";

    private static final String PREPARED = "plinth_bind";

    private final String sql;
    private final Prefix plain;
    private final Prefix prepared;

    /**
     * Protocol messages to be followed by a statement's.
     *
     * @param results how often the server says CommandComplete for them
     */
    record Prefix(ByteBuf messages, int results) {}

    PgBinding(PostgresSettings settings, String applicationName) {
        String searchPath = PgOptions.searchPath(settings.searchPath());
        List<String> statements =
                List.of("SET search_path TO " + searchPath, "SET application_name TO " + Sql.literal(applicationName));
        this.sql = String.join("; ", statements);
        this.plain = encode(statements);
        this.prepared = encode(searchPath, applicationName);
    }

    /** The binding as a text of its own. */
    String sql() {
        return sql;
    }

    /** @param isPrepared whether {@link #PREPARE} was carried out on the connection */
    Prefix prefix(boolean isPrepared) {
        return isPrepared ? prepared : plain;
    }

    private static Prefix encode(List<String> statements) {
        ByteBuf out = Unpooled.buffer();
        for (String statement : statements) {
            parse(out, statement);
            bind(out, "", List.of());
            execute(out);
        }
        return new Prefix(Unpooled.unreleasableBuffer(out.asReadOnly()), statements.size());
    }

    private static Prefix encode(String searchPath, String applicationName) {
        ByteBuf out = Unpooled.buffer();
        bind(out, PREPARED, List.of(searchPath, applicationName));
        execute(out);
        return new Prefix(Unpooled.unreleasableBuffer(out.asReadOnly()), 1);
    }

    /** The unnamed statement: pooled connections prepare all others under names. */
    private static void parse(ByteBuf out, String statement) {
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        out.writeByte('P').writeInt(4 + 1 + text.length + 1 + 2);
        out.writeByte(0).writeBytes(text).writeByte(0).writeShort(0);
    }

    /** All in text format. */
    private static void bind(ByteBuf out, String statement, List<String> values) {
        int start = out.writerIndex() + 1;
        out.writeByte('B').writeInt(0);
        out.writeByte(0).writeBytes(statement.getBytes(StandardCharsets.UTF_8)).writeByte(0);
        out.writeShort(0).writeShort(values.size());
        for (String value : values) {
            byte[] text = value.getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length).writeBytes(text);
        }
        out.writeShort(0);
        out.setInt(start, out.writerIndex() - start);
    }

    private static void execute(ByteBuf out) {
        out.writeByte('E').writeInt(4 + 1 + 4);
        out.writeByte(0).writeInt(0);
    }
}
