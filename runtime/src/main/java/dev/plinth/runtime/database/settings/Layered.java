package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import java.util.ArrayList;
import java.util.List;

/** One setting as several places give it, the strongest first: objects merge, anything else replaces what is weaker. */
final class Layered {

    private final List<Config> places;

    private Layered(List<Config> places) {
        this.places = List.copyOf(places);
    }

    /** At least one place; places without a value are welcome. */
    static Layered of(Config... places) {
        return new Layered(List.of(places));
    }

    Layered under(Config weaker) {
        List<Config> all = new ArrayList<>(places);
        all.add(weaker);
        return new Layered(all);
    }

    Layered child(String name) {
        List<Config> children = new ArrayList<>();
        for (Config place : places) {
            children.add(place.child(name));
            if (place.isPresent() && !place.isObject()) {
                break;
            }
        }
        return new Layered(children);
    }

    /** The place that decides; the weakest one, without a value, when none has any. */
    Config value() {
        for (Config place : places) {
            if (place.isPresent()) {
                return place;
            }
        }
        return places.get(places.size() - 1);
    }

    boolean isPresent() {
        return value().isPresent();
    }

    boolean isObject() {
        return value().isObject();
    }

    /** Every place that has a value, for what merges in its own way. */
    List<Config> all() {
        return places.stream().filter(Config::isPresent).toList();
    }

    /** The places that have a value, up to the first that replaces the weaker ones. */
    List<Config> present() {
        List<Config> present = new ArrayList<>();
        for (Config place : places) {
            if (place.isPresent()) {
                present.add(place);
                if (!place.isObject()) {
                    break;
                }
            }
        }
        return present;
    }
}
