package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Sees to it that a query with groups shows only what a group has one of, as PostgreSQL does: SQLite would take the value of any
 * of its rows.
 */
final class Grouping {

    private final List<SqlToken> tokens;
    private final List<Use> uses = new ArrayList<>();
    private final List<Item> items = new ArrayList<>();
    private final List<int[]> groups = new ArrayList<>();
    private final List<Use> groupColumns = new ArrayList<>();
    private boolean aggregates;
    private boolean grouped;

    /** A column outside of aggregates; {@code index} is that of its name, -1 for one that a star stands for. */
    private record Use(Source source, String column, int index) {}

    /** What SELECT lists, from and to. */
    private record Item(String name, int start, int end) {}

    Grouping(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    void uses(Source source, String column, int index) {
        uses.add(new Use(source, column, index));
    }

    void usesAll(List<Source> sources) {
        for (Source source : sources) {
            if (source.columns() != null) {
                source.columns().forEach(column -> uses(source, String.valueOf(column.name()), -1));
            }
        }
    }

    void aggregates() {
        aggregates = true;
    }

    boolean hasAggregates() {
        return aggregates;
    }

    boolean isGrouped() {
        return grouped || aggregates;
    }

    void item(String name, int start, int end) {
        items.add(new Item(name, start, end));
    }

    /** GROUP BY with an expression, which may be a column alone. */
    void groupsBy(Scope scope, int start, int end) {
        grouped = true;
        groups.add(new int[] {start, end});
        boolean qualified = end - start == 3 && tokens.get(start + 1).isSymbol(".");
        if (end - start == 1 || qualified) {
            String name = tokens.get(end - 1).text();
            Source source = scope.source(qualified ? tokens.get(start).text() : null, name);
            if (source != null) {
                groupColumns.add(new Use(source, name, end - 1));
            }
        }
    }

    /** GROUP BY with the name or the number of what SELECT lists. */
    void groupsByItem(String shown) {
        grouped = true;
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).name().equals(shown) || shown.equals(String.valueOf(i + 1))) {
                groups.add(new int[] {items.get(i).start(), items.get(i).end()});
            }
        }
    }

    /** Fails with SQLSTATE 42803. */
    void check() {
        if (!grouped && !aggregates) {
            return;
        }
        for (Use use : uses) {
            if (!isGrouped(use) && !isTold(use.source())) {
                throw Refusal.of(
                        "column \"" + use.source().name() + "." + use.column()
                                + "\" must appear in the GROUP BY clause or be used in an aggregate function",
                        "42803");
            }
        }
    }

    private boolean isGrouped(Use use) {
        return groupColumns.stream()
                        .anyMatch(group -> group.source().equals(use.source())
                                && group.column().equals(use.column()))
                || (use.index() >= 0 && groups.stream().anyMatch(group -> isInside(use.index(), group)));
    }

    /** Whether the groups have the whole key of a table, and so one row of it. */
    private boolean isTold(Source source) {
        Set<String> missing = new HashSet<>();
        for (Output column : source.columns() == null ? List.<Output>of() : source.columns()) {
            if (column.key()) {
                missing.add(String.valueOf(column.name()));
            }
        }
        boolean hasKey = !missing.isEmpty();
        groupColumns.stream()
                .filter(group -> group.source().equals(source))
                .forEach(group -> missing.remove(group.column()));
        return hasKey && missing.isEmpty();
    }

    /** Whether the token is part of an expression that is written as that of the group. */
    private boolean isInside(int index, int[] group) {
        List<String> expression = plain(group[0], group[1]);
        for (int start = Math.max(0, index - (group[1] - group[0]) * 2); start <= index; start++) {
            for (int end = index + 1; end <= tokens.size() && end - start <= expression.size() * 3; end++) {
                if (plain(start, end).equals(expression)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Tokens as text, columns without their tables. */
    private List<String> plain(int start, int end) {
        List<String> plain = new ArrayList<>();
        for (int i = start; i < end; i++) {
            if (i + 1 < end && tokens.get(i).isName() && tokens.get(i + 1).isSymbol(".")) {
                i++;
            } else {
                plain.add(tokens.get(i).kind() + tokens.get(i).text());
            }
        }
        return plain;
    }
}
