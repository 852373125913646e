package dev.plinth.runtime.config;

/** Cuts blank space as JavaScript does, and with it Backstage: all of it, whatever its width. */
final class Blanks {

    private Blanks() {}

    static String trim(String text) {
        int start = 0;
        while (start < text.length() && isBlank(text.charAt(start))) {
            start++;
        }
        return trimEnd(text.substring(start));
    }

    static String trimEnd(String text) {
        int end = text.length();
        while (end > 0 && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    private static boolean isBlank(char c) {
        return (Character.isWhitespace(c) && (c < 0x1c || c > 0x1f)) || Character.isSpaceChar(c) || c == '\uFEFF';
    }
}
