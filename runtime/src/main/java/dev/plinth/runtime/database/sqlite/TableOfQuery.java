package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.Scope.Output;
import java.util.ArrayList;
import java.util.List;

/** Writes CREATE TABLE ... AS, in which SQLite would keep no types, as a table of the query's columns and an INSERT of its rows. */
final class TableOfQuery {

    private TableOfQuery() {}

    /**
     * @param tokens the statement, its query already written for SQLite
     * @param columns of the query
     */
    static TableChange of(List<SqlToken> tokens, List<Output> columns, Translator.TableColumns tables) {
        int as = indexOf(tokens, "as");
        int names = as;
        if (SqlTokens.isSymbolAt(tokens, as - 1, ")")) {
            names = SqlTokens.opening(tokens, as - 1);
        }
        List<SqlToken> head = tokens.subList(0, names);
        String table = head.get(names - 1).text();
        if (head.stream().anyMatch(token -> token.isWord("exists")) && tables.columns(table) != null) {
            return new TableChange(List.of(), null);
        }
        List<Output> named = FromClause.named(columns, names(tokens.subList(names, as)));
        List<String> steps = new ArrayList<>();
        steps.add(SqlRewriter.text(head) + " (" + String.join(", ", definitions(named)) + ")");
        int end = tokens.size();
        if (!SqlTokens.areWordsAt(tokens, end - 3, "with", "no", "data")) {
            int query = SqlTokens.areWordsAt(tokens, end - 2, "with", "data") ? end - 2 : end;
            steps.add("INSERT INTO " + SqlRewriter.writeName(table) + " "
                    + SqlRewriter.text(tokens.subList(as + 1, query)));
        }
        return new TableChange(steps, null);
    }

    private static int indexOf(List<SqlToken> tokens, String word) {
        int i = 0;
        while (!tokens.get(i).isWord(word)) {
            i++;
        }
        return i;
    }

    private static List<String> names(List<SqlToken> list) {
        return list.stream().filter(SqlToken::isName).map(SqlToken::text).toList();
    }

    private static List<String> definitions(List<Output> columns) {
        return columns.stream()
                .map(column -> SqlRewriter.writeName(String.valueOf(column.name())) + " "
                        + DefinitionRules.stored(column.type()))
                .toList();
    }
}
