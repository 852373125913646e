package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.database.DatabaseSettings;
import java.util.Optional;

/**
 * What a configuration says of every plugin that it says the same of; a plugin's id completes it. Plugins without a section of
 * their own share one, as there may be hundreds of them.
 */
interface Outline {

    /**
     * One plugin's settings.
     *
     * @param own {@code backend.database.plugin.<id>}, with or without a value
     * @param reader which has been told what is wrong with the outline
     * @return empty when something is wrong
     */
    Optional<DatabaseSettings> of(Config own, Reader reader);
}
