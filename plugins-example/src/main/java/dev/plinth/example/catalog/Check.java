package dev.plinth.example.catalog;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one value must be.
 *
 * @param expected said when it is not
 */
record Check(String expected, Predicate<@Nullable Object> accepts) {

    static final Check TEXT = new Check("a non-empty text", value -> value instanceof String text && !text.isEmpty());
    static final Check TEXTS = new Check("a list of non-empty texts", Check::isTexts);
    static final Check TEXT_OR_TEXTS =
            new Check("a text or a list of texts", value -> TEXT.accepts.test(value) || isTexts(value));
    static final Check ANY_TEXT = new Check("a text", value -> value instanceof String);
    static final Check OBJECT = new Check("an object", value -> value instanceof JsonObject);
    static final Check LIST = new Check("a list", value -> value instanceof JsonArray);

    private static final String DNS_LABEL = "(?![a-z0-9-]{64})[a-z0-9]+(?:-+[a-z0-9]+)*";
    private static final String DNS_NAME = "(?![^/]{254})" + DNS_LABEL + "(?:\\." + DNS_LABEL + ")*";
    private static final String OBJECT_NAME = "(?!.{64})(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String PREFIXED_NAME = "(?:(?=[^/]+/)" + DNS_NAME + "/)?" + OBJECT_NAME;

    static final Check API_VERSION =
            matching("a version such as backstage.io/v1alpha1", "(?:(?=[^/]+/)" + DNS_NAME + "/)?[A-Za-z0-9]{1,63}");
    static final Check KIND =
            matching("at most 63 letters and digits, a letter first", "(?!.{64})[a-zA-Z][a-z0-9A-Z]*");
    static final Check NAME = matching("at most 63 letters and digits, with -, _ or . between them", OBJECT_NAME);
    static final Check NAMESPACE = matching("at most 63 lower-case letters and digits, with - between them", DNS_LABEL);
    static final Check KEY =
            matching("a name of at most 63 letters, digits, - _ . after an optional domain and /", PREFIXED_NAME);
    static final Check LABEL =
            matching("empty, or at most 63 letters and digits, with -, _ or . between them", "|" + OBJECT_NAME);
    static final Check TAG = matching(
            "at most 63 lower-case letters, digits, : + #, with - between them",
            "(?!.{64})[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*");
    static final Check URL = matching(
            "an absolute URL",
            "(?is)(?:(?:https?|ftp|wss?):[/\\\\]*[^\\s/\\\\?#]+.*|(?!https?:|ftp:|wss?:)[a-z][a-z0-9+.-]*:.*)");

    private static final Set<String> PLACEHOLDERS = Set.of("$text", "$json", "$yaml", "$openapi", "$asyncapi");

    static Check oneOf(List<String> values) {
        return new Check(
                "one of " + String.join(", ", values), value -> value instanceof String && values.contains(value));
    }

    /** Accepts also {@code {$text: <url>}} and its like, which stand for content elsewhere. They are kept, not followed. */
    Check orPlaceholder() {
        return new Check(expected, value -> isPlaceholder(value) || accepts.test(value));
    }

    private static Check matching(String expected, String pattern) {
        Predicate<String> matches = Pattern.compile(pattern).asMatchPredicate();
        return new Check(expected, value -> value instanceof String text && matches.test(text));
    }

    private static boolean isTexts(@Nullable Object value) {
        return value instanceof JsonArray array && array.stream().allMatch(TEXT.accepts);
    }

    private static boolean isPlaceholder(@Nullable Object value) {
        return value instanceof JsonObject object
                && object.size() == 1
                && PLACEHOLDERS.containsAll(object.fieldNames());
    }
}
