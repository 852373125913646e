package dev.plinth.runtime.http;

/** Texts of callers, as they may be shown. */
final class Printable {

    private Printable() {}

    /** A path may hold what would end the line or colour the terminal. */
    static String of(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) < ' ' || path.charAt(i) > '~') {
                return escaped(path);
            }
        }
        return path;
    }

    private static String escaped(String path) {
        StringBuilder escaped = new StringBuilder(path.length() + 16);
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < ' ' || c > '~') {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
