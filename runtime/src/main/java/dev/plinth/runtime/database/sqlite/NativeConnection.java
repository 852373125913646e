package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.sqlite.Scope.Output;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;
import org.sqlite.jdbc4.JDBC4Connection;

/** One physical connection to SQLite, with its compiled statements. Used by one thread at a time. */
final class NativeConnection implements AutoCloseable {

    private static final int KEPT_STATEMENTS = 256;

    /** Characters of all statements that are kept, but for the last one. */
    static final int KEPT_TEXT = 8_000_000;

    /** Stands in for what is done by several statements. */
    private static final String NOTHING = "SELECT 1 WHERE FALSE";

    private static final long MOST_ROWS_LOOKED_AT = 100_000;

    private static final int LONGEST_STATEMENT = 1_000_000_000;

    /** Rows that a constraint would refuse, which is no damage. */
    private static final Pattern ONLY_CONTENT =
            Pattern.compile("(?:NULL|NUMERIC|TEXT|non-\\w+) value in .*|CHECK constraint failed in .*", Pattern.DOTALL);

    private final SQLiteConnection connection;
    private final DB db;
    private final Map<String, Compiled> statements = new LinkedHashMap<>(64, 0.75f, true);

    private long keptText;

    private final Tables tables = new Tables(this::ask);

    /** What a function of ours had to say of the statement that it made fail. */
    private @Nullable StatementException raised;

    /** When the transaction began, as PostgreSQL's now() has it; null until someone asks. */
    private @Nullable OffsetDateTime began;

    private NativeConnection(SQLiteConnection connection) {
        this.connection = connection;
        this.db = connection.getDatabase();
    }

    /** A statement compiled by SQLite, and its columns; null when it gives no rows. */
    private record Compiled(
            CoreStatement statement,
            @Nullable SqliteRowDesc columns,
            List<ParameterTypes.Parameter> parameters,
            @Nullable TableChange change) {

        void close() throws SQLException {
            statement.pointer.close();
        }
    }

    /**
     * Opens a database and runs the given statements on it.
     *
     * @param name {@code :memory:} or a {@code file:} URI; a plain path could be read as settings
     */
    static NativeConnection open(String name, List<String> setup) throws SQLException {
        SqliteLibrary.load();
        SQLiteConnection connection = new JDBC4Connection("jdbc:sqlite:" + name, name, new Properties());
        // The driver would otherwise open and commit a transaction of its own after each statement.
        connection.getConnectionConfig().setAutoCommit(false);
        NativeConnection opened = new NativeConnection(connection);
        try {
            // The driver lowers it to a million; PostgreSQL takes as much.
            connection.setLimit(SQLiteLimits.SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT);
            SqlFunctions.register(connection, opened::now, error -> opened.raised = error);
            for (String statement : setup) {
                opened.execute(statement);
            }
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    private OffsetDateTime now() {
        OffsetDateTime known = began;
        if (known == null) {
            known = OffsetDateTime.now(ZoneOffset.UTC);
            began = known;
        }
        return known;
    }

    /** What runs until {@link #forgetTime} has the time of the first of it. */
    void keepTime() {
        if (began == null) {
            began = OffsetDateTime.now(ZoneOffset.UTC);
        }
    }

    /** What comes next has a time of its own. */
    void forgetTime() {
        began = null;
    }

    /** Runs a statement without arguments and without result. */
    void execute(String sql) throws SQLException {
        int code = db._exec(sql);
        if (code != Codes.SQLITE_OK) {
            db.throwex(code);
        }
    }

    /** Reads all of the database; fails when it is damaged. */
    void check() throws SQLException {
        for (String[] found : ask("SELECT quick_check FROM pragma_quick_check WHERE ?1 IS NULL", null)) {
            if (!found[0].equals("ok") && !ONLY_CONTENT.matcher(found[0]).matches()) {
                throw new SQLiteException("database disk image is malformed", SQLiteErrorCode.SQLITE_CORRUPT);
            }
        }
    }

    /** Ends a transaction that failed; SQLite may have ended it already by itself. */
    void rollback() throws SQLException {
        db._exec("ROLLBACK");
    }

    /** What there is to know of this statement before it runs; fails when it cannot be compiled. */
    SqlitePreparedStatement describe(String sql, SqlStatement statement) throws SQLException {
        Compiled compiled = compiled(statement);
        return new SqlitePreparedStatement(sql, compiled.parameters(), compiled.columns());
    }

    StatementResult run(SqlStatement statement, Tuple values) throws SQLException {
        Compiled compiled = compiled(statement);
        @Nullable Object[] arguments = Arguments.encode(values, compiled.parameters());
        boolean completed = false;
        raised = null;
        try {
            StatementResult result = run(compiled, statement, arguments);
            completed = true;
            return result;
        } catch (SQLException e) {
            if (raised != null) {
                throw raised;
            }
            if (SqliteErrors.isUnique(e) && statement.kind() == SqlStatement.Kind.DEFINITION) {
                throw SqliteErrors.uniqueIndex(e, translate(statement).text());
            }
            if (SqliteErrors.isUnique(e)) {
                throw SqliteErrors.unique(e, new UniqueNames(this::ask), statement.target());
            }
            if (SqliteErrors.isForeignKey(e)) {
                throw SqliteErrors.foreignKey(e, violated(compiled, statement, arguments), statement);
            }
            if (SqliteErrors.isNoKey(e) && statement.target() != null) {
                throw SqliteErrors.noKey(e, statement.target(), keyOf(statement.target()));
            }
            if (SqliteErrors.isCheck(e)) {
                throw SqliteErrors.check(e, statement.target());
            }
            throw e;
        } finally {
            if (!completed) {
                statements.remove(statement.text());
                keptText -= statement.text().length();
                compiled.close();
            }
        }
    }

    /** The foreign key that a statement violates; null when it is not certain. */
    private ForeignKeyNames.@Nullable Key violated(
            Compiled compiled, SqlStatement statement, @Nullable Object[] arguments) throws SQLException {
        List<ForeignKeyNames.Key> possible = new ForeignKeyNames(this::ask).possible(statement);
        if (possible.size() < 2) {
            return possible.isEmpty() ? null : possible.get(0);
        }
        return broken(possible, compiled, arguments);
    }

    /** Runs the statement once more with foreign keys left unchecked, to see which one it breaks, and takes it back. */
    private ForeignKeyNames.@Nullable Key broken(
            List<ForeignKeyNames.Key> possible, Compiled compiled, @Nullable Object[] arguments) throws SQLException {
        execute("SAVEPOINT foreign_key; PRAGMA defer_foreign_keys = ON");
        try {
            release(compiled);
            db.execute(compiled.statement(), arguments);
            release(compiled);
            for (ForeignKeyNames.Key key : possible) {
                if (isSmall(key.table()) && !ask(key.orphans(), null).isEmpty()) {
                    return key;
                }
            }
            return null;
        } catch (SQLException e) {
            List<ForeignKeyNames.Key> restricting =
                    possible.stream().filter(ForeignKeyNames.Key::restricts).toList();
            return restricting.size() == 1 ? restricting.get(0) : null;
        } finally {
            release(compiled);
            execute("ROLLBACK TO foreign_key; RELEASE foreign_key; PRAGMA defer_foreign_keys = OFF");
        }
    }

    /** Whether all of its rows can be looked at without others noticing. */
    private boolean isSmall(String table) throws SQLException {
        List<String[]> last = ask(
                "SELECT rowid FROM " + SqlRewriter.writeName(table) + " WHERE ?1 IS NULL ORDER BY rowid DESC LIMIT 1",
                null);
        return last.isEmpty() || Long.parseLong(last.get(0)[0]) < MOST_ROWS_LOOKED_AT;
    }

    /** The table's key, where it is one column. */
    private @Nullable String keyOf(String table) {
        List<Output> columns = tables.columns(table);
        List<Output> keys = columns == null
                ? List.of()
                : columns.stream().filter(Output::key).toList();
        return keys.size() == 1 ? keys.get(0).name() : null;
    }

    /** SQLite must not be left in a state in which it lets others write its own tables. */
    private void run(TableChange change) throws SQLException {
        try {
            for (String step : change.steps()) {
                execute(step);
            }
        } finally {
            execute("PRAGMA writable_schema = OFF");
        }
        TableChange.Check check = change.check();
        if (check != null
                && !ask("SELECT 1 WHERE ?1 IS NULL AND EXISTS (" + check.query() + ")", null)
                        .isEmpty()) {
            throw check.refusal();
        }
    }

    private StatementResult run(Compiled compiled, SqlStatement statement, @Nullable Object[] arguments)
            throws SQLException {
        if (compiled.change() != null) {
            run(compiled.change());
            return StatementResult.NONE;
        }
        boolean hasRow = db.execute(compiled.statement(), arguments);
        SqliteRowDesc columns = compiled.columns();
        List<Row> rows = hasRow && columns != null ? readAll(compiled.statement(), columns) : new ArrayList<>(0);
        boolean counts = columns == null && statement.kind() == SqlStatement.Kind.WRITE;
        int updated = counts ? (int) db.changes() : rows.size();
        release(compiled);
        return new StatementResult(updated, rows, columns);
    }

    /** A kept statement holds neither a snapshot nor its last arguments. */
    private void release(Compiled compiled) throws SQLException {
        compiled.statement().pointer.safeRunConsume((database, pointer) -> {
            database.reset(pointer);
            database.clear_bindings(pointer);
        });
    }

    private List<Row> readAll(CoreStatement statement, SqliteRowDesc columns) throws SQLException {
        List<Row> rows = new ArrayList<>();
        statement.pointer.safeRunConsume((database, pointer) -> {
            int code;
            do {
                rows.add(readRow(pointer, columns));
                code = database.step(pointer);
            } while (code == Codes.SQLITE_ROW);
            if (code != Codes.SQLITE_DONE) {
                database.throwex(code);
            }
        });
        return rows;
    }

    private Row readRow(long pointer, SqliteRowDesc columns) throws SQLException {
        SqliteRow row = new SqliteRow(columns);
        for (int i = 0; i < columns.size(); i++) {
            row.addValue(readValue(pointer, i, columns.type(i)));
        }
        return row;
    }

    private @Nullable Object readValue(long pointer, int column, ColumnType type) throws SQLException {
        return switch (db.column_type(pointer, column)) {
            case Codes.SQLITE_INTEGER -> type.fromInteger(db.column_long(pointer, column));
            case Codes.SQLITE_FLOAT -> type.fromDouble(db.column_double(pointer, column));
            case Codes.SQLITE_TEXT -> type.fromText(db.column_text(pointer, column));
            case Codes.SQLITE_BLOB -> type.fromBytes(db.column_blob(pointer, column));
            default -> null;
        };
    }

    private Compiled compiled(SqlStatement statement) throws SQLException {
        Compiled kept = statements.get(statement.text());
        if (kept != null) {
            return kept;
        }
        Compiled compiled = compile(statement);
        statements.put(statement.text(), compiled);
        keptText += statement.text().length();
        while (statements.size() > KEPT_STATEMENTS || (keptText > KEPT_TEXT && statements.size() > 1)) {
            closeEldest();
        }
        return compiled;
    }

    /** The statement as SQLite runs it. Fails with what PostgreSQL says of a mistake that SQLite would not see. */
    Translation translate(SqlStatement statement) {
        return Translator.translate(statement, tables);
    }

    private Compiled compile(SqlStatement statement) throws SQLException {
        Translation translation = translate(statement);
        TableChange change = translation.change();
        CoreStatement compiled =
                (CoreStatement) connection.prepareStatement(change == null ? translation.text() : NOTHING);
        boolean gives =
                statement.kind() != SqlStatement.Kind.DEFINITION && statement.kind() != SqlStatement.Kind.NOTHING;
        return new Compiled(
                compiled, gives ? columns(compiled, translation.columns()) : null, translation.parameters(), change);
    }

    private @Nullable SqliteRowDesc columns(CoreStatement compiled, @Nullable List<Output> known) throws SQLException {
        List<SqliteColumn> columns = new ArrayList<>();
        List<Output> told = known == null ? List.of() : known;
        compiled.pointer.safeRunConsume((database, pointer) -> {
            int count = database.column_count(pointer);
            for (int i = 0; i < count; i++) {
                columns.add(column(database, pointer, i, told.size() == count ? told.get(i) : null));
            }
        });
        return columns.isEmpty() ? null : new SqliteRowDesc(columns.toArray(SqliteColumn[]::new));
    }

    private static SqliteColumn column(DB database, long pointer, int i, @Nullable Output known) throws SQLException {
        @Nullable String told = known == null ? null : known.name();
        String name = told == null ? database.column_name(pointer, i) : told;
        return known == null || known.type().kind() == ColumnType.Kind.UNDECLARED
                ? new SqliteColumn(name, ColumnType.of(database.column_decltype(pointer, i)))
                : new SqliteColumn(name, known.type());
    }

    private List<String[]> ask(String sql, @Nullable String argument) throws SQLException {
        try (PreparedStatement question = connection.prepareStatement(sql)) {
            question.setString(1, argument);
            List<String[]> answer = new ArrayList<>();
            try (ResultSet rows = question.executeQuery()) {
                int columns = rows.getMetaData().getColumnCount();
                while (rows.next()) {
                    String[] row = new String[columns];
                    for (int i = 0; i < columns; i++) {
                        row[i] = rows.getString(i + 1);
                    }
                    answer.add(row);
                }
            }
            return answer;
        }
    }

    private void closeEldest() throws SQLException {
        var eldest = statements.entrySet().iterator();
        Map.Entry<String, Compiled> entry = eldest.next();
        keptText -= entry.getKey().length();
        Compiled compiled = entry.getValue();
        eldest.remove();
        compiled.close();
    }

    /** To be called when tables have changed: what was compiled before may have other columns now. */
    void forgetStatements() throws SQLException {
        for (Compiled compiled : statements.values()) {
            compiled.close();
        }
        statements.clear();
        keptText = 0;
        tables.forget();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
