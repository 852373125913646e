package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What makes a shared connection a plugin's own: search path and application name.
 *
 * <p>As a prefix it is sent in front of a statement without a Sync between them, so that the server skips the statement when the
 * binding fails: no cancellation or error between the two can let a statement run in another plugin's schema.
 */
final class PgBinding {

    private static final String UNNAMED = "";

    private final List<String> statements;
    private final Prefix plain;

    /**
     * Protocol messages to be followed by a statement's.
     *
     * @param results how often the server says CommandComplete for them
     */
    record Prefix(ByteBuf messages, int results) {}

    PgBinding(PostgresSettings settings, String applicationName) {
        this.statements = List.of(
                "SET search_path TO " + PgOptions.searchPath(settings.searchPath()),
                "SET application_name TO " + Sql.literal(applicationName));
        this.plain = prefix(UNNAMED, true);
    }

    /** The binding as a text of its own. */
    String sql() {
        return String.join("; ", statements);
    }

    /** Leaves nothing behind. */
    Prefix plain() {
        return plain;
    }

    /** Leaves the binding prepared under a name that was not used on the connection before. */
    Prefix preparing(String name) {
        return prefix(name, true);
    }

    /** Costs the server a fifth of the others; for a connection where it was prepared. */
    Prefix prepared(String name) {
        return prefix(name, false);
    }

    /** The names that {@link #preparing} gives. */
    List<String> names(String name) {
        return IntStream.range(0, statements.size())
                .mapToObj(i -> name(name, i))
                .toList();
    }

    /** Pooled connections prepare all statements but this under names. */
    private static String name(String name, int statement) {
        return name.equals(UNNAMED) ? UNNAMED : name + "_" + statement;
    }

    private Prefix prefix(String name, boolean parses) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < statements.size(); i++) {
            if (parses) {
                parse(out, name(name, i), statements.get(i));
            }
            bind(out, name(name, i));
            execute(out);
        }
        return new Prefix(Unpooled.unreleasableBuffer(out.asReadOnly()), statements.size());
    }

    private static void parse(ByteBuf out, String name, String statement) {
        int start = begin(out, 'P');
        text(out, name);
        text(out, statement);
        out.writeShort(0);
        end(out, start);
    }

    private static void bind(ByteBuf out, String name) {
        int start = begin(out, 'B');
        text(out, UNNAMED);
        text(out, name);
        out.writeShort(0).writeShort(0).writeShort(0);
        end(out, start);
    }

    private static void execute(ByteBuf out) {
        int start = begin(out, 'E');
        text(out, UNNAMED);
        out.writeInt(0);
        end(out, start);
    }

    private static int begin(ByteBuf out, char type) {
        out.writeByte(type).writeInt(0);
        return out.writerIndex() - 4;
    }

    private static void text(ByteBuf out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8)).writeByte(0);
    }

    private static void end(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start);
    }
}
