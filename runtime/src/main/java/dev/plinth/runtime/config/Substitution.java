package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the values of variables in place of {@code ${NAME}} and {@code ${NAME:-default}}; {@code $${...}} stands for itself.
 *
 * <p>Names, values and defaults are trimmed. What was put in is not looked at again.
 */
final class Substitution {

    private static final Pattern REFERENCE = Pattern.compile("\\$?\\$\\{[^{}]*\\}");
    private static final String FALLBACK = ":-";

    private final Map<String, String> environment;

    Substitution(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * What became of a text.
     *
     * @param text empty when a variable without default is unset: the whole value is absent
     * @param variables that were looked up, in order
     * @param unset those without a value for which no default was written, not even an empty one
     */
    record Result(Optional<String> text, List<String> variables, List<String> unset) {}

    /** The trimmed value of a variable, which may be the empty text. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip);
    }

    Result apply(String text) {
        if (!text.contains("${")) {
            return new Result(Optional.of(text), List.of(), List.of());
        }
        List<String> variables = new ArrayList<>();
        List<String> unset = new ArrayList<>();
        StringBuilder result = new StringBuilder();
        boolean absent = false;
        Matcher matcher = REFERENCE.matcher(text);
        int position = 0;
        while (matcher.find()) {
            result.append(text, position, matcher.start());
            position = matcher.end();
            String reference = matcher.group();
            if (reference.startsWith("$$")) {
                result.append(reference, 1, reference.length());
            } else {
                Optional<String> value = resolve(reference.substring(2, reference.length() - 1), variables, unset);
                value.ifPresent(result::append);
                absent |= value.isEmpty();
            }
            if (result.length() > Limits.CHARACTERS) {
                break;
            }
        }
        result.append(text, position, text.length());
        return new Result(absent ? Optional.empty() : Optional.of(result.toString()), variables, unset);
    }

    private Optional<String> resolve(String reference, List<String> variables, List<String> unset) {
        int separator = reference.indexOf(FALLBACK);
        String name = (separator < 0 ? reference : reference.substring(0, separator)).strip();
        variables.add(name);
        Optional<String> value = variable(name);
        if (separator < 0) {
            if (value.isEmpty()) {
                unset.add(name);
            }
            return value;
        }
        String fallback = reference.substring(separator + FALLBACK.length()).strip();
        return value.filter(text -> !text.isEmpty())
                .or(() -> fallback.isEmpty() ? Optional.empty() : Optional.of(fallback));
    }
}
