package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a dotted path, in which a part with dots stands in quotes. */
final class KeyNames {

    private static final Pattern STEP = Pattern.compile("(?:\"([^\"]+)\"|'([^']+)'|([^.=\"']+))([.=]|$)");

    /**
     * A path and what follows it.
     *
     * @param rest what stands behind the first {@code =} that is not in quotes; empty when there is none
     */
    record Split(List<String> path, Optional<String> rest) {}

    private KeyNames() {}

    /** Empty when this is no path. */
    static Optional<Split> split(String text) {
        List<String> path = new ArrayList<>();
        Matcher matcher = STEP.matcher(text);
        while (matcher.lookingAt()) {
            String quoted = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            path.add(quoted == null ? matcher.group(3) : quoted);
            String end = matcher.group(4);
            if (!".".equals(end)) {
                return Optional.of(new Split(
                        path, "=".equals(end) ? Optional.of(text.substring(matcher.end())) : Optional.empty()));
            }
            matcher.region(matcher.end(), text.length());
        }
        return Optional.empty();
    }
}
