package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.util.List;

/** Reads what may be one text or a list of texts. */
final class Texts {

    private Texts() {}

    static List<String> of(Config config, Problems problems) {
        if (config.isList()) {
            return config.items(problems).stream()
                    .flatMap(item -> item.string(problems).stream())
                    .toList();
        }
        return config.string(problems).stream().toList();
    }
}
