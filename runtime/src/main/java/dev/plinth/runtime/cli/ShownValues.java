package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigNode;
import dev.plinth.runtime.config.Masking;
import org.jspecify.annotations.Nullable;

/** Values as they may be shown. */
final class ShownValues {

    private ShownValues() {}

    static @Nullable Object of(ConfigNode node, boolean showSecrets) {
        return showSecrets ? Masking.revealed(node) : Masking.plain(node);
    }
}
