package dev.plinth.runtime.config;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the secrets of a configuration, for those who must not show them. */
public final class SecretTexts {

    private static final Pattern PASSWORD = Pattern.compile("://([^\\s/?#:@]*):([^\\s]+)@");

    private final Set<String> secret = new HashSet<>();
    private final Set<String> open = new HashSet<>();

    private SecretTexts() {}

    /** Every value that is secret, and passwords in URLs; without those that an open value gives away, such as a user's name. */
    public static Set<String> of(Config root) {
        SecretTexts found = new SecretTexts();
        root.node().ifPresent(found::collect);
        found.secret.removeAll(found.open);
        return Set.copyOf(found.secret);
    }

    private void collect(ConfigNode node) {
        if (node instanceof ConfigNode.Mapping mapping) {
            mapping.entries().values().forEach(this::collect);
        } else if (node instanceof ConfigNode.Sequence sequence) {
            sequence.items().forEach(this::collect);
        } else if (node instanceof ConfigNode.Scalar scalar && scalar.value() != null) {
            collect(JsonWriter.plain(scalar.value()), scalar.secret());
        }
    }

    private void collect(String text, boolean isSecret) {
        (isSecret ? secret : open).add(text);
        Matcher url = PASSWORD.matcher(text);
        while (url.find()) {
            addPassword(url.group(1), url.group(2));
        }
    }

    /** One that its own user's name gives away is none. */
    private void addPassword(String user, String password) {
        if (!password.equals(user)) {
            secret.add(password);
        }
    }
}
