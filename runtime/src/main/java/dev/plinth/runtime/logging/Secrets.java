package dev.plinth.runtime.logging;

import dev.plinth.runtime.config.Masking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Texts that no log line may show: blanks them wherever they occur. Any thread.
 *
 * <p>Short ones are blanked as whole words only, and the shortest not at all: they would blank half of every line, and tell
 * thereby what they are.
 */
public final class Secrets {

    private static final int SHORTEST = 4;
    private static final int LONG = 8;
    private static final int ASCII = 128;
    /** What is longer takes time and place from all who log. */
    static final int LONGEST_TEXT = 64 * 1024;

    private static final int LONGEST_SECRET = 4 * 1024;

    /** What is known now. */
    private static final class Known {

        /** For each two ASCII characters whether a secret begins with them: nearly all of a text is passed over by it. */
        private final boolean[] begins = new boolean[ASCII * ASCII];
        /** By the first character, the longest first. */
        private final Map<Character, List<String>> byFirst = new HashMap<>();

        Known(Set<String> secrets) {
            for (String secret : secrets) {
                byFirst.computeIfAbsent(secret.charAt(0), c -> new ArrayList<>())
                        .add(secret);
                if (isAscii(secret, 0)) {
                    begins[pair(secret, 0)] = true;
                }
            }
            byFirst.values()
                    .forEach(same ->
                            same.sort(Comparator.comparing(String::length).reversed()));
        }

        /** Whether one may begin here, which is not the last place. */
        boolean mayBegin(String text, int index) {
            return isAscii(text, index) ? begins[pair(text, index)] : byFirst.containsKey(text.charAt(index));
        }

        private static boolean isAscii(String text, int index) {
            return text.charAt(index) < ASCII && text.charAt(index + 1) < ASCII;
        }

        private static int pair(String text, int index) {
            return text.charAt(index) * ASCII + text.charAt(index + 1);
        }
    }

    private final Set<String> all = new HashSet<>();
    private volatile Known known = new Known(Set.of());

    /** Adds secrets; those before stay secret. Of one over several lines, each line counts. */
    public synchronized void add(Collection<String> secrets) {
        secrets.stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> line.length() >= SHORTEST)
                .forEach(all::add);
        known = new Known(all);
    }

    /** The text without any of them, and without what says of itself that it is secret; of a very long one the beginning. */
    String blank(String text) {
        return text.length() <= LONGEST_TEXT ? blankAll(text) : beginning(text);
    }

    /** At most so much is left of a text. */
    static int shownLength(@Nullable String text) {
        return text == null ? 0 : Math.min(text.length(), LONGEST_TEXT);
    }

    /** Without the end of what was looked through, where the beginning of a secret may stand. */
    private String beginning(String text) {
        String blanked = blankAll(text.substring(0, LONGEST_TEXT));
        int shown = Math.max(0, blanked.length() - LONGEST_SECRET);
        return blanked.substring(0, shown) + "... (" + text.length() + " characters)";
    }

    private String blankAll(String text) {
        return Masking.text(withoutKnown(text));
    }

    private String withoutKnown(String text) {
        Known now = known;
        if (now.byFirst.isEmpty()) {
            return text;
        }
        StringBuilder result = null;
        int copied = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            String secret = now.mayBegin(text, i) ? at(i, text, now) : "";
            if (!secret.isEmpty()) {
                result = result == null ? new StringBuilder(text.length()) : result;
                result.append(text, copied, i).append(Masking.MASK);
                copied = i + secret.length();
                i = copied - 1;
            }
        }
        return result == null
                ? text
                : result.append(text, copied, text.length()).toString();
    }

    private static String at(int index, String text, Known known) {
        List<String> secrets = known.byFirst.getOrDefault(text.charAt(index), List.of());
        for (int i = 0; i < secrets.size(); i++) {
            String secret = secrets.get(i);
            if (text.startsWith(secret, index)
                    && (secret.length() >= LONG || isWord(text, index, index + secret.length()))) {
                return secret;
            }
        }
        return "";
    }

    private static boolean isWord(String text, int begin, int end) {
        return (begin == 0 || !Character.isLetterOrDigit(text.charAt(begin - 1)))
                && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
    }
}
