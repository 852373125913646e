package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the values of variables in place of {@code ${NAME}} and {@code ${NAME:-default}}; {@code $${...}} stands for itself.
 *
 * <p>Names, values and defaults are trimmed. What was put in is not looked at again.
 */
final class Substitution {

    private static final String OPEN = "${";
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
        String value = environment.get(name);
        return value == null ? Optional.empty() : Optional.of(Blanks.trim(value));
    }

    Result apply(String text) {
        return new Reading(text).read();
    }

    /**
     * One pass over one text, by hand: every start comes here with many texts, and patterns are slow until they are compiled.
     */
    private final class Reading {
        private final String text;
        private final List<String> variables = new ArrayList<>();
        private final List<String> unset = new ArrayList<>();
        private final StringBuilder result = new StringBuilder();
        private boolean absent;
        private int copied;

        Reading(String text) {
            this.text = text;
        }

        Result read() {
            int open = text.indexOf(OPEN);
            while (open >= 0 && result.length() <= Limits.CHARACTERS) {
                int end = endOfReference(open + OPEN.length());
                if (end >= 0) {
                    reference(open, end);
                }
                open = text.indexOf(OPEN, open + OPEN.length());
            }
            result.append(text, copied, text.length());
            return new Result(absent ? Optional.empty() : Optional.of(result.toString()), variables, unset);
        }

        /** Where the brace is that closes what starts here; -1 when another one opens before, or none closes. */
        private int endOfReference(int start) {
            for (int i = start; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '{' || c == '}') {
                    return c == '}' ? i : -1;
                }
            }
            return -1;
        }

        private void reference(int open, int end) {
            result.append(text, copied, open);
            if (open > copied && text.charAt(open - 1) == '$') {
                // The dollar before stays, and makes the rest plain text.
                result.append(text, open + 1, end + 1);
            } else {
                value(text.substring(open + OPEN.length(), end));
            }
            copied = end + 1;
        }

        private void value(String reference) {
            int separator = reference.indexOf(FALLBACK);
            String name = Blanks.trim(separator < 0 ? reference : reference.substring(0, separator));
            String fallback = separator < 0 ? "" : Blanks.trim(reference.substring(separator + FALLBACK.length()));
            variables.add(name);
            Optional<String> value = variable(name);
            if (value.isPresent() && (separator < 0 || !value.get().isEmpty())) {
                result.append(value.get());
            } else if (!fallback.isEmpty()) {
                result.append(fallback);
            } else {
                absent = true;
                if (separator < 0) {
                    unset.add(name);
                }
            }
        }
    }
}
