package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Puts the keys of a new table behind its columns, in an order in which SQLite finds what a row violates as PostgreSQL does: the
 * primary key first, then the others as they were written. SQLite looks into the newest index first.
 */
final class KeyOrder {

    /** What may stand behind a key that belongs to it. */
    private static final Set<String> MORE = Set.of("on", "nulls", "asc", "desc", "autoincrement", "deferrable");

    private final List<List<SqlToken>> others = new ArrayList<>();
    private final List<List<SqlToken>> unique = new ArrayList<>();
    private final List<List<SqlToken>> primary = new ArrayList<>();

    private KeyOrder() {}

    /** @param parts the definitions of columns and constraints */
    static List<List<SqlToken>> apply(List<List<SqlToken>> parts) {
        KeyOrder order = new KeyOrder();
        parts.forEach(order::take);
        if (order.unique.size() + order.primary.size() < 2) {
            return parts;
        }
        List<List<SqlToken>> result = new ArrayList<>(order.others);
        Collections.reverse(order.unique);
        result.addAll(order.unique);
        result.addAll(order.primary);
        return result;
    }

    private void take(List<SqlToken> part) {
        if (DefinitionRules.isColumn(part)) {
            column(part);
        } else {
            int kind = SqlTokens.isWordAt(part, 0, "constraint") ? 2 : 0;
            boolean isUnique = SqlTokens.isWordAt(part, kind, "unique");
            boolean isPrimary = SqlTokens.isWordAt(part, kind, "primary");
            (isUnique ? unique : isPrimary ? primary : others).add(part);
        }
    }

    /** The number of a row, which has no index, stays as it is. */
    private void column(List<SqlToken> part) {
        boolean number = SqlTokens.isWordAt(part, 1, "integer");
        List<SqlToken> rest = new ArrayList<>(part);
        for (int i = rest.size() - 1; i > 1; i--) {
            boolean isUnique = SqlTokens.isWordAt(rest, i, "unique");
            boolean isPrimary = SqlTokens.areWordsAt(rest, i, "primary", "key") && !number;
            int end = isPrimary ? i + 2 : i + 1;
            boolean more = end < rest.size() && rest.get(end).isAnyWord(MORE);
            if ((isUnique || isPrimary) && !more) {
                int start = SqlTokens.isWordAt(rest, i - 2, "constraint") ? i - 2 : i;
                List<SqlToken> key = new ArrayList<>(rest.subList(start, end));
                key.addAll(List.of(SqlToken.symbol("("), part.get(0), SqlToken.symbol(")")));
                (isUnique ? unique : primary).add(key);
                rest.subList(start, end).clear();
            }
        }
        others.add(rest);
    }
}
