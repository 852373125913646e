package dev.plinth.runtime.database.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Cuts definitions that do several things into such as do one, as SQLite wants them. */
final class DefinitionSteps {

    private static final Set<String> DROPPED = Set.of("table", "view", "index");
    private static final Set<String> BEHIND_NAMES = Set.of("cascade", "restrict", "restart", "continue");

    private DefinitionSteps() {}

    /** The steps that stand for a statement, in order: most often itself alone. */
    static List<List<SqlToken>> of(List<SqlToken> statement) {
        if (SqlTokens.areWordsAt(statement, 0, "create", "or", "replace", "view")) {
            return replaceView(statement);
        }
        if (statement.get(0).isWord("drop")
                && statement.size() > 2
                && statement.get(1).isAnyWord(DROPPED)) {
            return eachName(statement, SqlTokens.areWordsAt(statement, 2, "if", "exists") ? 4 : 2);
        }
        if (statement.get(0).isWord("truncate")) {
            return truncate(statement);
        }
        return SqlTokens.areWordsAt(statement, 0, "alter", "table") ? alterTable(statement) : List.of(statement);
    }

    /** SQLite can only drop a view and create it anew. */
    private static List<List<SqlToken>> replaceView(List<SqlToken> tokens) {
        List<SqlToken> drop =
                List.of(SqlToken.word("drop"), SqlToken.word("view"), SqlToken.raw("if exists"), tokens.get(4));
        List<SqlToken> create = new ArrayList<>(tokens);
        create.subList(1, 3).clear();
        return List.of(drop, create);
    }

    /** One for each name between commas, with the words before and behind all names. */
    private static List<List<SqlToken>> eachName(List<SqlToken> statement, int names) {
        int end = names;
        while (end < statement.size() && !statement.get(end).isAnyWord(BEHIND_NAMES)) {
            end++;
        }
        List<List<SqlToken>> steps = new ArrayList<>();
        for (List<SqlToken> name : SqlTokens.splitAtCommas(statement.subList(names, end))) {
            steps.add(joined(statement.subList(0, names), name, statement.subList(end, statement.size())));
        }
        return steps.isEmpty() ? List.of(statement) : steps;
    }

    private static List<SqlToken> joined(List<SqlToken> head, List<SqlToken> body, List<SqlToken> tail) {
        List<SqlToken> tokens = new ArrayList<>(head);
        tokens.addAll(body);
        tokens.addAll(tail);
        return tokens;
    }

    /** The counter of a table starts again in a step of its own, which has the words for it. */
    private static List<List<SqlToken>> truncate(List<SqlToken> statement) {
        List<List<SqlToken>> steps = new ArrayList<>();
        for (List<SqlToken> one : eachName(statement, SqlTokens.isWordAt(statement, 1, "table") ? 2 : 1)) {
            int size = one.size();
            boolean restart = SqlTokens.areWordsAt(one, size - 2, "restart", "identity");
            boolean nothing = SqlTokens.areWordsAt(one, size - 2, "continue", "identity");
            steps.add(restart || nothing ? one.subList(0, size - 2) : one);
            if (restart) {
                steps.add(one);
            }
        }
        return steps;
    }

    private static List<List<SqlToken>> alterTable(List<SqlToken> statement) {
        int table = SqlTokens.areWordsAt(statement, 2, "if", "exists") ? 4 : 2;
        table += SqlTokens.isWordAt(statement, table, "only") ? 1 : 0;
        int action = table + 1;
        while (SqlTokens.isSymbolAt(statement, action, ".")) {
            action += 2;
        }
        if (action >= statement.size()) {
            return List.of(statement);
        }
        List<SqlToken> head = statement.subList(0, action);
        List<List<SqlToken>> steps = new ArrayList<>();
        for (List<SqlToken> one : SqlTokens.splitAtCommas(statement.subList(action, statement.size()))) {
            uniqueApart(one).forEach(step -> steps.add(joined(head, step, List.of())));
        }
        return steps;
    }

    /** SQLite adds no column that is unique, but makes it so afterwards. */
    private static List<List<SqlToken>> uniqueApart(List<SqlToken> action) {
        int column = SqlTokens.isWordAt(action, 1, "column") ? 2 : 1;
        int unique = 0;
        while (unique < action.size() && !action.get(unique).isWord("unique")) {
            unique++;
        }
        boolean adds = action.get(0).isWord("add")
                && unique < action.size()
                && DefinitionRules.isColumn(action.subList(Math.min(column, action.size()), action.size()));
        if (!adds) {
            return List.of(action);
        }
        int start = SqlTokens.isWordAt(action, unique - 2, "constraint") ? unique - 2 : unique;
        int name = SqlTokens.areWordsAt(action, column, "if", "not", "exists") ? column + 3 : column;
        List<SqlToken> add = new ArrayList<>(action);
        add.subList(start, unique + 1).clear();
        List<SqlToken> constraint = new ArrayList<>(List.of(SqlToken.word("add")));
        constraint.addAll(action.subList(start, unique + 1));
        constraint.addAll(List.of(SqlToken.symbol("("), action.get(name), SqlToken.symbol(")")));
        return List.of(add, constraint);
    }
}
