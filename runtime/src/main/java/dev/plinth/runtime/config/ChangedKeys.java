package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Which keys have other values in one configuration than in another. */
public final class ChangedKeys {

    private ChangedKeys() {}

    /** Their dotted paths, down to single values and lists, in the order of the files. */
    public static List<String> between(Config before, Config now) {
        List<String> keys = new ArrayList<>();
        add(before, now, keys);
        return List.copyOf(keys);
    }

    private static void add(Config before, Config now, List<String> keys) {
        boolean isSection = (before.isObject() || !before.isPresent()) && (now.isObject() || !now.isPresent());
        if (isSection) {
            Set<String> names = new LinkedHashSet<>(now.childNames());
            names.addAll(before.childNames());
            names.forEach(name -> add(before.child(name), now.child(name), keys));
        } else if (!Objects.equals(before.toPlain(), now.toPlain())) {
            keys.add(now.key());
        }
    }
}
