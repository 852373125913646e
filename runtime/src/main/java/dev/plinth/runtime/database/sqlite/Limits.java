package dev.plinth.runtime.database.sqlite;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads LIMIT, OFFSET and FETCH, which PostgreSQL takes in any order. */
final class Limits {

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;
    private @Nullable String limit;
    private @Nullable String offset;

    Limits(TokenCursor cursor, TokenEdits edits, Expressions expressions) {
        this.cursor = cursor;
        this.edits = edits;
        this.expressions = expressions;
    }

    void read() {
        int start = cursor.position();
        boolean more = true;
        while (more) {
            more = part();
        }
        if (cursor.position() > start) {
            edits.remove(start, cursor.position());
            edits.before(
                    start, "LIMIT " + (limit == null ? "-1" : limit) + (offset == null ? "" : " OFFSET " + offset));
        }
    }

    private boolean part() {
        if (cursor.accept("limit")) {
            limit = cursor.accept("all") ? "-1" : count("limit_of");
        } else if (cursor.accept("offset")) {
            offset = count("offset_of");
            skipRows();
        } else if (cursor.accept("fetch")) {
            cursor.next();
            limit = cursor.isAnyWord(Set.of("row", "rows")) ? "1" : count("limit_of");
            skipRows();
            cursor.accept("only");
        } else {
            return false;
        }
        return true;
    }

    private void skipRows() {
        if (cursor.isAnyWord(Set.of("row", "rows"))) {
            cursor.next();
        }
    }

    /** A number as it is; anything else is looked at when the statement runs, as it may be null or negative. */
    private String count(String check) {
        Operand count = expressions.parse(new Scope(null), Expressions.OTHER);
        expressions.typing.resolve(count, ColumnType.of(ColumnType.Kind.BIGINT));
        String text = SqlRewriter.text(cursor.tokens.subList(count.start(), count.end()));
        return count.is(Operand.Form.NUMBER) && text.matches("\\d+") ? text : check + "(" + text + ")";
    }
}
