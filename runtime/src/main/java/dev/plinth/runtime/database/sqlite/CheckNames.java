package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gives checks without a name the one that PostgreSQL would give them, as SQLite tells no more than the name. */
final class CheckNames {

    private final String table;
    private final Set<String> columns;
    private final Set<String> used = new HashSet<>();

    CheckNames(String table, Set<String> columns) {
        this.table = table;
        this.columns = columns;
    }

    /** The definition of a column or a constraint, with names. */
    List<SqlToken> named(List<SqlToken> part) {
        List<SqlToken> result = new ArrayList<>(part.size() + 1);
        for (int i = 0; i < part.size(); i++) {
            if (part.get(i).isWord("check")
                    && SqlTokens.isSymbolAt(part, i + 1, "(")
                    && !SqlTokens.isWordAt(part, i - 2, "constraint")) {
                result.add(SqlToken.word("constraint"));
                result.add(new SqlToken(SqlToken.Kind.NAME, name(part, i), -1, -1));
            }
            result.add(part.get(i));
        }
        return result;
    }

    private String name(List<SqlToken> part, int check) {
        String base = base(part, check);
        String name = base;
        for (int i = 1; !used.add(name); i++) {
            name = base + i;
        }
        return name;
    }

    /** After the table and the column that it is about, if that is one. */
    String base(List<SqlToken> part, int check) {
        Set<String> concerned = new HashSet<>();
        int end = Math.min(SqlTokens.closing(part, check + 1), part.size());
        for (SqlToken token : part.subList(check + 1, end)) {
            if (token.isName() && columns.contains(token.text())) {
                concerned.add(token.text());
            }
        }
        return table + (concerned.size() == 1 ? "_" + concerned.iterator().next() : "") + "_check";
    }
}
