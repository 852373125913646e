package dev.plinth.runtime.config;

/**
 * Where a value stands.
 *
 * @param source a file as the user would name it, or the name of a variable, an argument or a store
 * @param line counted from 1; 0 when the source has no lines
 * @param column counted from 1; 0 when the source has no lines
 */
public record Origin(String source, int line, int column) {

    /** For values that Plinth itself supplies. */
    public static final Origin DEFAULT = of("default");

    public static Origin of(String source) {
        return new Origin(source, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }
}
