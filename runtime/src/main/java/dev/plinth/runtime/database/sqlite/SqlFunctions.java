package dev.plinth.runtime.database.sqlite;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;

/** Functions and operators that mean in SQLite what they mean in PostgreSQL. */
final class SqlFunctions {

    private SqlFunctions() {}

    static void register(Connection connection) throws SQLException {
        Function.create(connection, "lower", new Lower(), 1, Function.FLAG_DETERMINISTIC);
        Function.create(connection, "upper", new Upper(), 1, Function.FLAG_DETERMINISTIC);
        Function.create(connection, "regexp", new LikeIgnoringCase(), -1, Function.FLAG_DETERMINISTIC);
        Function.create(connection, "->>", new JsonText(), 2, Function.FLAG_DETERMINISTIC);
    }

    /** SQLite's own changes only the letters of ASCII. */
    private static final class Lower extends Function {

        @Override
        protected void xFunc() throws SQLException {
            @Nullable String text = value_text(0);
            result(text == null ? null : text.toLowerCase(Locale.ROOT));
        }
    }

    /** SQLite's own changes only the letters of ASCII. */
    private static final class Upper extends Function {

        @Override
        protected void xFunc() throws SQLException {
            @Nullable String text = value_text(0);
            result(text == null ? null : text.toUpperCase(Locale.ROOT));
        }
    }

    /** {@code text ILIKE pattern ESCAPE escape}: SQLite passes the pattern first. */
    private static final class LikeIgnoringCase extends Function {

        private String lastPattern = "";
        private Pattern compiled = Pattern.compile("");

        @Override
        protected void xFunc() throws SQLException {
            @Nullable String pattern = value_text(0);
            @Nullable String text = value_text(1);
            if (pattern == null || text == null) {
                result();
                return;
            }
            String escape = args() > 2 ? value_text(2) : "";
            result(compiled(pattern, escape).matcher(text).matches() ? 1 : 0);
        }

        private Pattern compiled(String pattern, String escape) {
            String key = escape + '\0' + pattern;
            if (!key.equals(lastPattern)) {
                compiled = compile(pattern, escape.isEmpty() ? '\0' : escape.charAt(0));
                lastPattern = key;
            }
            return compiled;
        }

        private static Pattern compile(String pattern, char escape) {
            StringBuilder regex = new StringBuilder();
            for (int i = 0; i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                if (c == escape && i + 1 < pattern.length()) {
                    i++;
                    regex.append(Pattern.quote(pattern.substring(i, i + 1)));
                } else if (c == '%') {
                    regex.append(".*");
                } else if (c == '_') {
                    regex.append('.');
                } else {
                    regex.append(Pattern.quote(String.valueOf(c)));
                }
            }
            return Pattern.compile(regex.toString(), Pattern.DOTALL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        }
    }

    /** {@code json ->> key}: text always, where SQLite's own gives numbers for numbers and for booleans. */
    private static final class JsonText extends Function {

        private static final int INTEGER = 1;

        @Override
        protected void xFunc() throws SQLException {
            @Nullable String json = value_text(0);
            @Nullable String key = value_text(1);
            if (json == null || key == null) {
                result();
                return;
            }
            try {
                result(text(member(Json.decodeValue(json), key, value_type(1) == INTEGER)));
            } catch (DecodeException e) {
                error("malformed JSON");
            }
        }

        private static @Nullable Object member(Object json, String key, boolean byIndex) {
            if (json instanceof JsonObject object && !byIndex) {
                return object.getValue(key);
            }
            if (json instanceof JsonArray array && byIndex) {
                int index = Integer.parseInt(key);
                int position = index < 0 ? array.size() + index : index;
                return position >= 0 && position < array.size() ? array.getValue(position) : null;
            }
            return null;
        }

        private static @Nullable String text(@Nullable Object value) {
            if (value == null || value instanceof String) {
                return (String) value;
            }
            return Json.encode(value);
        }
    }
}
