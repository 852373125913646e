package dev.plinth.runtime.database.sqlite;

import dev.plinth.runtime.database.sqlite.ColumnType.Kind;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import dev.plinth.runtime.database.sqlite.Scope.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads calls of functions that give rows. SQLite's {@code json_each} stands in for them: it reads what a function of ours makes of
 * the argument, and its columns are written in place of theirs.
 */
final class RowFunctions {

    /** What makes of the argument what {@code json_each} is to read. */
    private static final Map<String, String> READERS = Map.of(
            "jsonb_array_elements", "json_elements",
            "jsonb_array_elements_text", "json_element_texts",
            "jsonb_each", "json_members",
            "jsonb_each_text", "json_member_texts",
            "jsonb_object_keys", "json_keys",
            "jsonb_to_recordset", "json_elements",
            "unnest", "");

    /** Their one column is called as the alias. */
    private static final Set<String> NAMED_BY_ALIAS = Set.of("unnest", "jsonb_object_keys");

    /** A name that no table has. */
    private static final String LISTED = "rows listed";

    private final TokenCursor cursor;
    private final TokenEdits edits;
    private final Expressions expressions;

    RowFunctions(TokenCursor cursor, TokenEdits edits, Expressions expressions) {
        this.cursor = cursor;
        this.edits = edits;
        this.expressions = expressions;
    }

    static boolean isCall(List<SqlToken> tokens, int index) {
        return index < tokens.size()
                && tokens.get(index).kind() == SqlToken.Kind.WORD
                && READERS.containsKey(tokens.get(index).text())
                && SqlTokens.isSymbolAt(tokens, index + 1, "(");
    }

    /** Reads a call in FROM, with its alias. */
    void read(Scope scope) {
        String function = cursor.peek().text();
        List<ColumnType> elements = call(scope, function);
        int close = cursor.position() - 1;
        boolean numbered = cursor.accept("with", "ordinality");
        if (numbered) {
            edits.remove(close + 1, close + 3);
        }
        boolean as = cursor.accept("as");
        String name = function;
        if (cursor.peek().isName() && (as || !cursor.isAnyWord(FromClause.NO_ALIAS))) {
            edits.name(cursor.position());
            name = cursor.next().text();
        } else {
            edits.after(close, "AS " + SqlRewriter.writeName(name));
        }
        Rows rows = new Rows(name);
        if (function.equals("jsonb_to_recordset")) {
            record(rows);
        } else {
            columns(rows, function, elements);
            if (numbered) {
                rows.add("ordinality", ColumnType.of(Kind.BIGINT), rows.value("key") + " + 1");
            }
            rename(rows, NAMED_BY_ALIAS.contains(function) ? name : null);
        }
        if (numbered && function.startsWith("jsonb_each")) {
            throw Refusal.unsupported("SQLite does not number the rows of " + function + "()");
        }
        scope.add(new Source(name, rows.columns, rows.written));
    }

    /**
     * Reads a call that is the last of what a SELECT lists, and puts it into FROM.
     *
     * @param from where FROM stands, or else what ends the list
     * @param target the column that it is written into; null when there is none
     */
    Output listed(Scope scope, int from, @Nullable Output target) {
        int start = cursor.position();
        String function = cursor.peek().text();
        List<ColumnType> elements = call(scope, function);
        int close = cursor.position() - 1;
        Rows rows = new Rows(LISTED);
        columns(rows, function, elements);
        if (rows.columns.size() != 1) {
            throw Refusal.unsupported("SQLite gives the rows of " + function + "() in FROM only");
        }
        String name = function;
        if (cursor.position() < from) {
            cursor.accept("as");
            name = cursor.next().text();
            edits.remove(close + 1, cursor.position());
        }
        ColumnType type = rows.columns.get(0).type();
        String value = target == null
                ? rows.written.get(0)
                : Casts.assigned(rows.written.get(0), type, target.type(), String.valueOf(target.name()));
        edits.before(start, value + " AS " + SqlRewriter.writeName(name) + " FROM");
        edits.after(close, "AS " + SqlRewriter.writeName(LISTED));
        if (cursor.isWord("from")) {
            edits.replace(cursor.position(), ",");
        }
        scope.add(new Source(LISTED, rows.columns, rows.written));
        return new Output(name, type);
    }

    /** Whether one call is all that stands here, but for the name of its column. */
    static boolean isAlone(List<SqlToken> tokens, int start, int end) {
        if (!isCall(tokens, start)) {
            return false;
        }
        int behind = SqlTokens.closing(tokens, start + 1) + 1;
        int alias = SqlTokens.isWordAt(tokens, behind, "as") ? behind + 1 : behind;
        return behind == end || (alias + 1 == end && tokens.get(alias).isName());
    }

    /** The columns of the rows as they come to be, with what SQLite is given in their place. */
    private static final class Rows {

        private final String alias;
        private final List<Output> columns = new ArrayList<>();
        private final List<String> written = new ArrayList<>();

        Rows(String name) {
            alias = SqlRewriter.writeName(name);
        }

        String value(String column) {
            return alias + "." + column;
        }

        void add(String name, ColumnType type, String text) {
            columns.add(new Output(name, type));
            written.add(text);
        }
    }

    /** Up to the parenthesis behind the arguments; answers what the elements of arrays are. */
    private List<ColumnType> call(Scope scope, String function) {
        int start = cursor.position();
        boolean arrays = function.equals("unnest");
        cursor.moveTo(start + 2);
        List<ColumnType> elements = new ArrayList<>();
        do {
            Operand argument = expressions.parse(scope);
            if (arrays) {
                elements.add(element(argument));
            } else {
                expressions.typing.resolve(argument, ColumnType.of(Kind.JSONB));
                mustBeJson(function, argument);
            }
        } while (cursor.acceptSymbol(","));
        String reader = elements.size() > 1 ? "json_rows" : READERS.getOrDefault(function, "");
        edits.replace(start, reader.isEmpty() ? "json_each" : "json_each(" + reader);
        if (!reader.isEmpty()) {
            edits.after(cursor.position(), ")");
        }
        if (!cursor.acceptSymbol(")")) {
            throw cursor.syntaxError();
        }
        return elements;
    }

    private static ColumnType element(Operand array) {
        if (array.isUntyped()) {
            throw Refusal.of("function unnest(unknown) is not unique: write $1::text[]", "42725");
        }
        if (array.type().kind() != Kind.ARRAY) {
            throw Refusal.of("function unnest(" + array.type().pgName() + ") does not exist", "42883");
        }
        return array.type().element();
    }

    private static void mustBeJson(String function, Operand argument) {
        if (argument.isKnown() && argument.type().kind() != Kind.JSONB) {
            throw Refusal.of("function " + function + "(" + argument.type().pgName() + ") does not exist", "42883");
        }
    }

    private static void columns(Rows rows, String function, List<ColumnType> elements) {
        ColumnType text = ColumnType.of(Kind.TEXT);
        ColumnType json = ColumnType.of(Kind.JSONB);
        switch (function) {
            case "jsonb_array_elements" -> rows.add("value", json, rows.value("value"));
            case "jsonb_array_elements_text" -> rows.add("value", text, rows.value("value"));
            case "jsonb_object_keys" -> rows.add("jsonb_object_keys", text, rows.value("value"));
            case "unnest" -> unnested(rows, elements);
            default -> {
                rows.add("key", text, rows.value("key"));
                rows.add("value", function.endsWith("_text") ? text : json, rows.value("value"));
            }
        }
    }

    private static void unnested(Rows rows, List<ColumnType> elements) {
        for (int i = 0; i < elements.size(); i++) {
            String value = rows.value("value");
            rows.add(
                    "unnest",
                    elements.get(i),
                    elements.size() == 1 ? value : "json_extract(" + value + ", '$[" + i + "]')");
        }
    }

    /** @param name of the first column, unless names stand behind the alias; null for the function's own */
    private void rename(Rows rows, @Nullable String name) {
        int list = cursor.position();
        List<String> names = new ArrayList<>();
        if (cursor.acceptSymbol("(")) {
            do {
                names.add(cursor.next().text());
            } while (cursor.acceptSymbol(","));
            cursor.acceptSymbol(")");
            edits.remove(list, cursor.position());
        } else if (name != null) {
            names.add(name);
        }
        for (int i = 0; i < Math.min(names.size(), rows.columns.size()); i++) {
            rows.columns.set(i, new Output(names.get(i), rows.columns.get(i).type()));
        }
    }

    /** {@code AS t(id int, name text)}: the members of each element. */
    private void record(Rows rows) {
        int list = cursor.position();
        if (!cursor.acceptSymbol("(")) {
            throw Refusal.of("a column definition list is required for functions returning \"record\"", "42601");
        }
        do {
            String name = cursor.next().text();
            int end = SqlTokens.endOfType(cursor.tokens, cursor.position());
            ColumnType type = ColumnType.of(SqlRewriter.text(cursor.tokens.subList(cursor.position(), end)));
            cursor.moveTo(end);
            rows.add(name, type, member(rows.value("value"), name, type));
        } while (cursor.acceptSymbol(","));
        cursor.acceptSymbol(")");
        edits.remove(list, cursor.position());
    }

    private static String member(String element, String name, ColumnType type) {
        String key = "'" + name.replace("'", "''") + "'";
        return switch (type.kind()) {
            case JSONB -> "json_member(" + element + ", " + key + ")";
            case TEXT -> "json_member_text(" + element + ", " + key + ")";
            case UNDECLARED, ARRAY, INTERVAL, JSON ->
                throw Refusal.unsupported("SQLite cannot read members of type " + type.declaration());
            default -> "cast_to(json_member_text(" + element + ", " + key + "), '" + type.declaration() + "')";
        };
    }

    /** The columns that a star stands for, as SQLite is given them; null when there is nothing to change. */
    static @Nullable String star(List<Source> sources) {
        if (sources.stream().allMatch(source -> source.written().isEmpty())) {
            return null;
        }
        List<String> all = new ArrayList<>();
        for (Source source : sources) {
            List<Output> columns = source.columns();
            if (columns == null) {
                throw Refusal.unsupported("SQLite needs the names of the columns here in place of *");
            }
            for (int i = 0; i < columns.size(); i++) {
                String name =
                        SqlRewriter.writeName(String.valueOf(columns.get(i).name()));
                all.add(
                        source.isOfFunction()
                                ? source.written().get(i) + " AS " + name
                                : SqlRewriter.writeName(source.name()) + "." + name);
            }
        }
        return String.join(", ", all);
    }
}
