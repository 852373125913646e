package dev.plinth.example.catalog;

/** A document that is not YAML, or more of it than is read here. */
final class YamlException extends Exception {

    private final String reason;
    private final int line;

    /** @param line of the text that was read, from 0 */
    YamlException(String reason, int line) {
        super(reason);
        this.reason = reason;
        this.line = line;
    }

    String reason() {
        return reason;
    }

    int line() {
        return line;
    }
}
