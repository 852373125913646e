package dev.plinth.example.catalog;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which entities a request asks for, and the SQL that finds them. Several values of one parameter are alternatives; different
 * parameters must all hold.
 *
 * @param words that must all occur in the entity's text
 */
record EntityQuery(
        List<String> kinds,
        List<String> namespaces,
        List<String> words,
        List<Filter> filters,
        Optional<Cursor> cursor,
        int limit) {

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;
    /** Far more than anyone types, and far less than databases allow in one statement. */
    private static final int MAX_PARAMETER_LENGTH = 2000;

    /** @throws HttpException 400 for a parameter that makes no sense */
    static EntityQuery of(MultiMap parameters) {
        return new EntityQuery(
                folded(parameters, "kind"),
                folded(parameters, "namespace"),
                values(parameters, "q").stream()
                        .flatMap(text -> Stream.of(Texts.fold(text).strip().split("\\s+")))
                        .toList(),
                values(parameters, "filter").stream()
                        .map(Filter::parse)
                        .filter(filter -> !filter.properties().isEmpty())
                        .toList(),
                values(parameters, "cursor").stream().findFirst().map(Cursor::decode),
                limit(parameters));
    }

    /** One more entity than the limit, to know whether there are more. */
    Statement page() {
        Statement statement = new Statement();
        statement.add("SELECT e.ref, e.document FROM entity e WHERE e.wins");
        addConditions(statement);
        cursor.ifPresent(after -> statement.add(" AND e.ref > ").value(after.ref()));
        return statement.add(" ORDER BY e.ref LIMIT ").value(limit + 1);
    }

    /** The values of one property among the entities, and how many have each. */
    Statement facet(String property) {
        Statement statement = new Statement();
        statement
                .add("SELECT p.value, COUNT(*) AS entities FROM property p")
                .add(" JOIN entity e ON e.path = p.path AND e.position = p.position")
                .add(" WHERE e.wins AND p.value IS NOT NULL AND p.name = ")
                .value(Texts.fold(property));
        addConditions(statement);
        return statement.add(" GROUP BY p.value ORDER BY p.value");
    }

    private void addConditions(Statement statement) {
        if (!kinds.isEmpty()) {
            statement.add(" AND e.kind IN ").values(kinds);
        }
        if (!namespaces.isEmpty()) {
            statement.add(" AND e.namespace IN ").values(namespaces);
        }
        words.forEach(word ->
                statement.add(" AND e.search LIKE ").value(pattern(word)).add(" ESCAPE '!'"));
        if (!filters.isEmpty()) {
            statement.add(" AND (");
            addAlternatives(statement);
            statement.add(")");
        }
    }

    private void addAlternatives(Statement statement) {
        String or = "";
        for (Filter filter : filters) {
            statement.add(or).add("(");
            addFilter(statement, filter);
            statement.add(")");
            or = " OR ";
        }
    }

    private static void addFilter(Statement statement, Filter filter) {
        String and = "";
        for (Map.Entry<String, List<String>> property : filter.properties().entrySet()) {
            statement.add(and);
            addProperty(statement, property.getKey(), property.getValue());
            and = " AND ";
        }
    }

    private static void addProperty(Statement statement, String name, List<String> values) {
        if (name.startsWith("relations.")) {
            statement
                    .add("EXISTS (SELECT 1 FROM relation r")
                    .add(" JOIN entity o ON o.path = r.path AND o.position = r.position")
                    .add(" WHERE o.wins AND r.source = e.ref AND LOWER(r.type) = ")
                    .value(name.substring("relations.".length()));
            addAccepted(statement, "r.target", values);
        } else {
            statement
                    .add("EXISTS (SELECT 1 FROM property p WHERE p.path = e.path AND p.position = e.position")
                    .add(" AND p.name = ")
                    .value(name);
            addAccepted(statement, "p.folded", values);
        }
        statement.add(")");
    }

    private static void addAccepted(Statement statement, String column, List<String> values) {
        if (!values.isEmpty()) {
            statement.add(" AND ").add(column).add(" IN ").values(values);
        }
    }

    private static String pattern(String word) {
        return "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    private static List<String> folded(MultiMap parameters, String name) {
        return values(parameters, name).stream()
                .map(value -> Texts.fold(value.strip()))
                .toList();
    }

    /** The values of one parameter that are not blank. */
    static List<String> values(MultiMap parameters, String name) {
        List<String> values = parameters.getAll(name).stream()
                .filter(value -> !value.isBlank())
                .toList();
        int length = values.stream().mapToInt(String::length).sum();
        if (length > MAX_PARAMETER_LENGTH) {
            throw new HttpException(400, name + ": longer than " + MAX_PARAMETER_LENGTH + " characters");
        }
        if (values.stream().anyMatch(value -> value.indexOf('\0') >= 0)) {
            throw new HttpException(400, name + ": the character U+0000 cannot be searched for");
        }
        return values;
    }

    private static int limit(MultiMap parameters) {
        String text = parameters.get("limit");
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw new HttpException(
                    400, "limit: expected a whole number from 1 to " + MAX_LIMIT + ", got \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    /** SQL under construction, with its parameters. */
    static final class Statement {

        private final StringBuilder sql = new StringBuilder();
        private final List<Object> parameters = new ArrayList<>();

        Statement add(String text) {
            sql.append(text);
            return this;
        }

        Statement value(Object value) {
            parameters.add(value);
            sql.append('$').append(parameters.size());
            return this;
        }

        Statement values(List<String> values) {
            String placeholders = values.stream()
                    .map(value -> {
                        parameters.add(value);
                        return "$" + parameters.size();
                    })
                    .collect(Collectors.joining(", ", "(", ")"));
            return add(placeholders);
        }

        String sql() {
            return sql.toString();
        }

        Tuple parameters() {
            return Tuple.from(parameters);
        }
    }
}
