package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.Resolution;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Reads one plugin's values, and keeps what is wrong with them and where they came from. */
final class Reader {

    private final Problems problems = new Problems();
    private final Map<String, String> origins = new LinkedHashMap<>();

    /** All that another reader was told before. */
    void include(Reader other) {
        problems.addAll(other.problems.list());
        origins.putAll(other.origins);
    }

    Optional<String> text(String name, Layered setting) {
        return read(name, setting, Config::string);
    }

    Optional<Secret> secret(String name, Layered setting) {
        return read(name, setting, Config::secret);
    }

    Optional<Boolean> bool(String name, Layered setting) {
        return read(name, setting, Config::bool);
    }

    boolean bool(String name, Layered setting, boolean defaultValue) {
        return bool(name, setting).orElse(defaultValue);
    }

    /** A whole number between the two, both allowed. */
    Optional<Integer> number(String name, Layered setting, int min, int max) {
        Optional<Long> number = read(name, setting, Config::wholeNumber);
        if (number.isPresent() && (number.get() < min || number.get() > max)) {
            String range = max == Integer.MAX_VALUE ? "of at least " + min : "from " + min + " to " + max;
            problems.addAll(setting.value().wrongType("a whole number " + range).problems());
            return Optional.empty();
        }
        return number.map(Long::intValue);
    }

    /** At least a millisecond. */
    Optional<Duration> duration(String name, Layered setting) {
        Optional<Duration> duration = read(name, setting, Config::duration);
        if (duration.isPresent() && duration.get().toMillis() < 1) {
            problems.addAll(setting.value()
                    .wrongType("a duration of at least a millisecond")
                    .problems());
            return Optional.empty();
        }
        return duration;
    }

    /** One of several words, to be spelled exactly. */
    Optional<String> choice(String name, Layered setting, String code, List<String> choices) {
        Optional<String> text = text(name, setting);
        if (text.isPresent() && !choices.contains(text.get())) {
            String expected = String.join(", ", choices.subList(0, choices.size() - 1)) + " or "
                    + choices.get(choices.size() - 1);
            error(setting.value(), code, "expected " + expected + ", got " + shown(setting.value()), "");
            return Optional.empty();
        }
        return text;
    }

    /** Whether there is either nothing or an object; anything else is an error. */
    boolean isObjectOrAbsent(Config place) {
        if (place.isPresent() && !place.isObject()) {
            // Not what is there instead: it may be a URL with a password.
            error(place, "invalid-type", "expected an object", "");
            return false;
        }
        return true;
    }

    /** A text to be told in a message: not one that may hold a password. */
    static String shown(Config place) {
        String text = String.valueOf(place.toPlain());
        boolean secret = place.node().orElse(null) instanceof ConfigNode.Scalar scalar && scalar.secret();
        return secret ? "a secret value" : text.contains("://") ? "a URL" : "\"" + text + "\"";
    }

    private <T> Optional<T> read(String name, Layered setting, BiFunction<Config, Problems, Optional<T>> getter) {
        Config place = setting.value();
        origin(name, place.isPresent() ? text(place) : Resolution.DEFAULT);
        return getter.apply(place, problems);
    }

    /** A value that was not read as it stands. */
    void origin(String name, String origin) {
        origins.put(name, origin);
    }

    void sameOrigin(String name, String other) {
        origins.put(name, origins.getOrDefault(other, Resolution.DEFAULT));
    }

    void originOf(String name, Layered setting) {
        origins.put(name, text(setting.value()));
    }

    boolean isGiven(String name) {
        return !Resolution.DEFAULT.equals(origins.getOrDefault(name, Resolution.DEFAULT));
    }

    void error(Config place, String code, String message, String hint) {
        problems.add(place.problem(code, message, hint));
    }

    void warning(Config place, String code, String message, String hint) {
        problems.add(Problem.warning(code, place.key(), place.source(), message, hint));
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    /** For getters that report by themselves. */
    Problems collector() {
        return problems;
    }

    /** Each once: two readers may have stumbled over the same value. */
    List<Problem> problems() {
        return problems.list().stream().distinct().toList();
    }

    boolean hasErrors() {
        return problems.hasErrors();
    }

    Map<String, String> origins() {
        return origins;
    }

    private static String text(Config place) {
        return LibpqVariables.isOne(place.source()) ? place.source() : place.source() + " " + place.key();
    }
}
