package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ChangedKeys;
import dev.plinth.runtime.config.Config;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what becomes of changes below {@code backend} that are made while it runs. Used by one thread. */
final class BackendChanges {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");
    private static final int MOST_NAMES = 8;

    private static final Predicate<String> CERTIFICATE =
            Pattern.compile("backend\\.https\\.certificate\\.(cert|key)").asMatchPredicate();
    private static final Predicate<String> SECRET = Pattern.compile(
                    "backend\\.admin\\.token|backend\\.database\\.(.+\\.)?(connection|admin)\\.password")
            .asMatchPredicate();
    /** Read anew with the plugin's jar. */
    private static final Predicate<String> OF_PLUGIN = Pattern.compile(
                    "backend\\.plugins\\..+\\.(enabled|instances|threading|startTimeout|stopTimeout|callTimeout|sha256)")
            .asMatchPredicate();

    private final boolean renewsCertificates;
    private Config before;

    /** @param initial what is below {@code backend} at the start */
    BackendChanges(Config initial) {
        this.before = initial;
        this.renewsCertificates = initial.at("https").isObject();
    }

    void tell(Config now) {
        List<String> changed = ChangedKeys.between(before, now);
        before = now;
        // Whether a renewed certificate can be used is told by who uses it.
        Predicate<String> used = key -> SECRET.test(key) && isSet(now, key);
        Predicate<String> told = renewsCertificates ? CERTIFICATE : key -> false;
        List<String> later = changed.stream().filter(used.or(told).negate()).toList();
        List<String> secrets = changed.stream().filter(used).toList();
        if (!secrets.isEmpty()) {
            LOG.info("used from now on, as the configuration has changed: {}", names(secrets));
        }
        List<String> ofPlugins = later.stream().filter(OF_PLUGIN).toList();
        if (!ofPlugins.isEmpty()) {
            LOG.warn(
                    "needs a restart, or plinth plugin reload for a plugin from a jar, to take effect: {}",
                    names(ofPlugins));
        }
        List<String> others = later.stream().filter(OF_PLUGIN.negate()).toList();
        if (!others.isEmpty()) {
            LOG.warn("needs a restart to take effect: {}", names(others));
        }
    }

    /** One that is gone stays in use. */
    private static boolean isSet(Config backend, String key) {
        return backend.at(key.substring("backend.".length())).isPresent();
    }

    private static String names(List<String> keys) {
        return keys.stream().limit(MOST_NAMES).map(Failures::printable).collect(Collectors.joining(", "))
                + (keys.size() > MOST_NAMES ? " and " + (keys.size() - MOST_NAMES) + " more" : "");
    }
}
