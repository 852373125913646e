package dev.plinth.runtime.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Something wrong with the configuration, told so that a stranger can fix it.
 *
 * @param code stable and documented, for programs, such as {@code parse-error}
 * @param key dotted path; empty when no key is concerned
 * @param source where, as {@link Origin} prints it; empty when nowhere
 * @param message lower case, no full stop, no secret
 * @param hint the remedy; empty when the message says it
 */
public record Problem(String code, Severity severity, String key, String source, String message, String hint) {

    /** Whether the start goes on. */
    public enum Severity {
        ERROR,
        WARNING
    }

    public static Problem error(String code, String key, String source, String message, String hint) {
        return new Problem(code, Severity.ERROR, key, source, message, hint);
    }

    public static Problem warning(String code, String key, String source, String message, String hint) {
        return new Problem(code, Severity.WARNING, key, source, message, hint);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** For programs, as plain values. */
    public Map<String, Object> toPlain() {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("code", code);
        plain.put("severity", severity.name().toLowerCase(Locale.ROOT));
        plain.put("key", key);
        plain.put("source", source);
        plain.put("message", message);
        plain.put("hint", hint);
        return plain;
    }

    /** One line for people: {@code conf/app-config.yaml:7:11 backend.listen: expected ..., got ...; remedy}. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        if (!source.isEmpty()) {
            line.append(source).append(' ');
        }
        if (!key.isEmpty()) {
            line.append(key).append(": ");
        }
        line.append(message);
        if (!hint.isEmpty()) {
            line.append("; ").append(hint);
        }
        return line.toString();
    }
}
