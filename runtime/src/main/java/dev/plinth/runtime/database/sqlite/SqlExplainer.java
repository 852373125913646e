package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Shows what SQLite is given for statements written for PostgreSQL. Tables are known from the CREATE and ALTER statements that came
 * before, which run in a database in memory; nothing else runs. One thread at a time.
 */
public final class SqlExplainer implements AutoCloseable {

    private final NativeConnection database;

    public SqlExplainer() {
        try {
            database = NativeConnection.open(":memory:", List.of());
        } catch (SQLException e) {
            throw new IllegalStateException("cannot open a database in memory", e);
        }
    }

    /**
     * One statement.
     *
     * @param written as it is in the text
     * @param onSqlite as SQLite runs it
     * @param parameters their types, in order, as far as they can be told
     * @param columns of its result with their types, in order; none when they cannot be told
     * @param refusal why it cannot run on SQLite
     */
    public record Explanation(
            String written, String onSqlite, List<String> parameters, List<String> columns, Optional<String> refusal) {}

    /** All statements in a text. Fails with a {@link StatementException} when it cannot be cut into statements. */
    public List<Explanation> explain(String sql) {
        List<Explanation> explanations = new ArrayList<>();
        for (SqlStatement statement : SqlRewriter.rewrite(sql)) {
            explanations.add(explain(sql, statement));
        }
        return explanations;
    }

    private Explanation explain(String sql, SqlStatement statement) {
        String written = written(sql, statement.tokens());
        try {
            Translation translation = database.translate(statement);
            define(statement, translation);
            return new Explanation(
                    written,
                    translation.text(),
                    translation.parameters().stream().map(SqlExplainer::shown).toList(),
                    columns(translation),
                    Optional.empty());
        } catch (StatementException e) {
            return refused(written, e.getMessage() + " (" + e.getSqlState() + ")");
        } catch (SQLException e) {
            StatementException refusal = SqliteErrors.translate(e);
            return refused(written, refusal.getMessage() + " (" + refusal.getSqlState() + ")");
        }
    }

    private static Explanation refused(String written, String reason) {
        return new Explanation(written, "", List.of(), List.of(), Optional.of(reason));
    }

    private void define(SqlStatement statement, Translation translation) throws SQLException {
        if (statement.kind() == SqlStatement.Kind.DEFINITION) {
            database.execute(translation.text());
            database.forgetStatements();
        }
    }

    /** What was put in by a rule has no place in the text. */
    private static String written(String sql, List<SqlToken> tokens) {
        List<SqlToken> placed =
                tokens.stream().filter(token -> token.start() >= 0).toList();
        return placed.isEmpty()
                ? ""
                : sql.substring(
                        placed.get(0).start(), placed.get(placed.size() - 1).end());
    }

    private static String shown(ParameterTypes.Parameter parameter) {
        return !parameter.isKnown() ? "any" : parameter.type().pgName();
    }

    private static List<String> columns(Translation translation) {
        return translation.columns() == null
                ? List.of()
                : translation.columns().stream()
                        .map(column -> column.name() + " "
                                + (isKnown(column) ? column.type().pgName() : "?"))
                        .collect(Collectors.toList());
    }

    private static boolean isKnown(Scope.Output column) {
        return column.type().kind() != ColumnType.Kind.UNDECLARED;
    }

    @Override
    public void close() {
        try {
            database.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close a database in memory", e);
        }
    }
}
