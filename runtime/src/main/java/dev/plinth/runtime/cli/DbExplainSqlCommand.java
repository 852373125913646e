package dev.plinth.runtime.cli;

import dev.plinth.plugin.StatementException;
import dev.plinth.runtime.database.sqlite.SqlExplainer;
import dev.plinth.runtime.database.sqlite.SqlExplainer.Explanation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what becomes of a plugin's SQL on SQLite. Needs neither configuration nor database. */
@Command(
        name = "explain-sql",
        description = {
            "Show what SQLite is given for SQL that is written for PostgreSQL, and what it cannot run.",
            "Tables are known from CREATE and ALTER statements that come before, in the same text or by --schema."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class DbExplainSqlCommand implements Callable<Integer> {

    private static final String STDIN = "-";

    private final Console console;

    @Parameters(
            arity = "0..1",
            paramLabel = "SQL",
            description = "One or more statements; - or nothing reads them from stdin.")
    private String sql = STDIN;

    @Option(names = "--file", paramLabel = "FILE", description = "Read the statements from this file.")
    private @Nullable Path file;

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "A file with CREATE TABLE statements, such as a migration; repeatable, in order.")
    private List<Path> schema = new ArrayList<>();

    @Mixin
    private final JsonOption json = new JsonOption();

    DbExplainSqlCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (SqlExplainer explainer = new SqlExplainer()) {
            for (Path definitions : schema) {
                List<Explanation> defined = explainer.explain(read(definitions));
                if (refuses(defined)) {
                    defined.forEach(this::print);
                    return ExitCode.FAILURE;
                }
            }
            List<Explanation> explanations = explainer.explain(text());
            show(explanations);
            return refuses(explanations) ? ExitCode.FAILURE : ExitCode.SUCCESS;
        } catch (StatementException e) {
            console.err().println(Failures.printable(e.getMessage() + " (" + e.getSqlState() + ")"));
            return ExitCode.FAILURE;
        } catch (IOException e) {
            console.err().println(Failures.printable("cannot read the statements: " + e.getMessage()));
            return ExitCode.FAILURE;
        }
    }

    private String text() throws IOException {
        if (file != null) {
            return read(file);
        }
        return sql.equals(STDIN) ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : sql;
    }

    private String read(Path path) throws IOException {
        return Files.readString(console.workingDirectory().resolve(path));
    }

    private static boolean refuses(List<Explanation> explanations) {
        return explanations.stream().anyMatch(one -> one.refusal().isPresent());
    }

    private void show(List<Explanation> explanations) {
        if (json.isGiven()) {
            JsonArray statements = new JsonArray();
            explanations.forEach(one -> statements.add(json(one)));
            console.out().println(new JsonObject().put("statements", statements).encodePrettily());
        } else {
            explanations.forEach(this::print);
        }
    }

    private void print(Explanation one) {
        console.out().println("-- written");
        console.out().println(one.written() + ";");
        if (one.refusal().isPresent()) {
            console.out().println("-- refused: " + one.refusal().get());
        } else {
            console.out().println("-- on SQLite");
            console.out().println(one.onSqlite() + ";");
        }
        if (!one.parameters().isEmpty()) {
            console.out().println("-- parameters: " + String.join(", ", one.parameters()));
        }
        if (!one.columns().isEmpty()) {
            console.out().println("-- columns: " + String.join(", ", one.columns()));
        }
        console.out().println();
    }

    private static JsonObject json(Explanation one) {
        JsonObject json = new JsonObject().put("written", one.written());
        one.refusal().ifPresentOrElse(reason -> json.put("refused", reason), () -> json.put("onSqlite", one.onSqlite())
                .put("parameters", new JsonArray(one.parameters()))
                .put("columns", new JsonArray(one.columns())));
        return json;
    }
}
