package dev.plinth.runtime.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.Numeric;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The statements in {@code sql-for-both.txt} give the answers that stand behind them, with the same names, classes and values, on
 * every database. The page "Writing SQL for both" shows the same statements.
 */
class SqlForBothIT {

    private static final String CASES = "sql-for-both.txt";
    private static final Path PAGE = Path.of(System.getProperty("plinth.root", ".."), "docs", "sql-for-both.md");
    private static final String BEGIN = "<!-- statements of the contract suite: begin -->\n";
    private static final String END = "<!-- statements of the contract suite: end -->";

    /** One statement with its arguments, and what comes of it. */
    private record Case(String heading, String sql, List<Object> arguments, String answer) {}

    private static List<Case> cases() throws IOException {
        try (InputStream in = SqlForBothIT.class.getResourceAsStream(CASES)) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = new ArrayList<>();
            String heading = "";
            String statement = "";
            for (String line : text.lines().toList()) {
                if (line.startsWith("## ")) {
                    heading = line.substring(3);
                } else if (line.startsWith("=> ")) {
                    cases.add(parse(heading, statement, line.substring(3)));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    statement = line;
                }
            }
            return cases;
        }
    }

    private static Case parse(String heading, String line, String answer) {
        String[] parts = line.split(" ;; ", 2);
        List<Object> arguments = new ArrayList<>();
        if (parts.length > 1) {
            for (String argument : parts[1].split(" \\| ", -1)) {
                arguments.add(argument(argument.strip()));
            }
        }
        return new Case(heading, parts[0].strip(), arguments, answer.strip());
    }

    private static Object argument(String text) {
        if (text.equals("null")) {
            return null;
        } else if (text.startsWith("'")) {
            return text.substring(1, text.length() - 1);
        } else if (text.startsWith("{")) {
            return new JsonObject(text);
        } else if (text.startsWith("date ")) {
            return LocalDate.parse(text.substring(5));
        } else if (text.startsWith("timestamptz ")) {
            return OffsetDateTime.parse(text.substring(12));
        } else if (text.startsWith("bigints ")) {
            return List.of(text.substring(8).split(" ", -1)).stream()
                    .map(Long::valueOf)
                    .toArray(Long[]::new);
        } else if (text.startsWith("texts ")) {
            return text.substring(6).split(" ", -1);
        } else if (text.startsWith("decimal ")) {
            return new BigDecimal(text.substring(8));
        } else if (text.endsWith("L")) {
            return Long.valueOf(text.substring(0, text.length() - 1));
        }
        return text.contains(".") ? (Object) Double.valueOf(text) : (Object) Integer.valueOf(text);
    }

    @OnEveryDatabase
    void givesTheSameAnswers(Database database) throws IOException {
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        for (Case one : cases()) {
            expected.add(one.sql() + "\n   => " + one.answer());
            actual.add(one.sql() + "\n   => " + run(database, one));
        }
        assertThat(expected).hasSizeGreaterThan(100);
        assertThat(actual).isEqualTo(expected);
    }

    private static String run(Database database, Case one) {
        try {
            boolean definition = one.answer().equals("done");
            RowSet<Row> rows = definition
                    ? database.script(one.sql())
                    : Database.await(database.pool().preparedQuery(one.sql()).execute(Tuple.wrap(one.arguments())));
            return definition ? "done" : answer(rows);
        } catch (DatabaseException e) {
            return "error " + e.getSqlState();
        }
    }

    private static String answer(RowSet<Row> rows) {
        if (rows.columnsNames() == null) {
            return rows.rowCount() + " rows";
        }
        List<String> shown = new ArrayList<>();
        for (Row row : rows) {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(row.getColumnName(i) + "=" + shown(row.getValue(i)));
            }
            shown.add(String.join(", ", values));
        }
        return shown.isEmpty() ? "nothing" : String.join(" / ", shown);
    }

    private static String shown(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof Numeric number) {
            return "Numeric:"
                    + (number.isNaN() ? "NaN" : number.bigDecimalValue().toPlainString());
        }
        Object text = value instanceof Object[] array ? new JsonArray(List.of(array)) : value;
        String name = value.getClass().getSimpleName();
        return (name.startsWith("Buffer") ? "Buffer:" + value.hashCode() : name + ":" + text);
    }

    @Test
    void thePageShowsTheseStatements() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        assertThat(page.substring(begin, page.indexOf(END))).isEqualTo(shown());
    }

    private static String shown() throws IOException {
        StringBuilder text = new StringBuilder();
        String heading = "";
        for (Case one : cases()) {
            if (!one.heading().equals(heading)) {
                text.append(heading.isEmpty() ? "" : "```\n\n")
                        .append("**")
                        .append(one.heading())
                        .append("**\n\n```sql\n");
                heading = one.heading();
            }
            text.append(one.sql()).append('\n');
        }
        return text.append("```\n").toString();
    }
}
