package dev.plinth.runtime.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known key, or whatever else has a name, that somebody probably meant. */
public final class Nearest {

    private static final int LONGEST = 100;

    private Nearest() {}

    public static Optional<String> of(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        String folded = folded(name);
        int nearest = Math.max(1, name.length() / 3) + 1;
        Optional<String> found = Optional.empty();
        for (String candidate : known) {
            int distance = distance(folded, folded(candidate), nearest);
            if (distance < nearest) {
                nearest = distance;
                found = Optional.of(candidate);
            }
        }
        return found;
    }

    /** Letters to change, add, leave out or swap with their neighbour; case and dashes count for nothing. */
    private static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distances[i][j] = i == 0 ? j : j == 0 ? i : cell(distances, a, b, i, j);
            }
        }
        return distances[a.length()][b.length()];
    }

    private static int cell(int[][] distances, String a, String b, int i, int j) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(distances[i - 1][j - 1] + change, Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, distances[i - 2][j - 2] + 1) : best;
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
