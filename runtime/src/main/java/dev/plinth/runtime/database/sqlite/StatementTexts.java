package dev.plinth.runtime.database.sqlite;

import dev.plinth.plugin.StatementException;
import io.vertx.sqlclient.internal.command.ExtendedQueryCommand;
import io.vertx.sqlclient.internal.command.PrepareStatementCommand;
import io.vertx.sqlclient.internal.command.QueryCommandBase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The texts that one database was asked to run lately, as they were understood. Used only by the thread that runs the database. */
final class StatementTexts {

    private static final int KEPT = 512;

    private final Map<String, List<SqlStatement>> kept = new LinkedHashMap<>(64, 0.75f, true);

    private long keptText;

    /** What a job asks for; nothing when it brings no text. */
    List<SqlStatement> of(Job job) {
        if (job.command instanceof QueryCommandBase<?> query) {
            List<SqlStatement> statements = parse(query.sql());
            if (query instanceof ExtendedQueryCommand<?>) {
                refuseSeveral(statements);
            }
            return statements;
        }
        if (job.command instanceof PrepareStatementCommand prepare) {
            List<SqlStatement> statements = parse(prepare.sql());
            refuseSeveral(statements);
            return statements;
        }
        return List.of();
    }

    private List<SqlStatement> parse(String sql) {
        List<SqlStatement> known = kept.get(sql);
        if (known != null) {
            return known;
        }
        List<SqlStatement> statements = SqlRewriter.rewrite(sql);
        kept.put(sql, statements);
        keptText += sql.length();
        while (kept.size() > KEPT || (keptText > NativeConnection.KEPT_TEXT && kept.size() > 1)) {
            String eldest = kept.keySet().iterator().next();
            kept.remove(eldest);
            keptText -= eldest.length();
        }
        return statements;
    }

    private static void refuseSeveral(List<SqlStatement> statements) {
        if (statements.stream().filter(statement -> !statement.prelude()).count() > 1) {
            throw new StatementException(
                    "cannot insert multiple commands into a prepared statement", 0, "42601", null, null, null);
        }
    }
}
