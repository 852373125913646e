package dev.plinth.runtime.database;

import dev.plinth.plugin.Dialect;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one plugin's database resolves to, checked, before anything connects. Each kind of database has a record of its own. */
public interface DatabaseSettings {

    String pluginId();

    PoolSettings pool();

    boolean skipMigrations();

    /** Where it is, for people; never with a password: {@code app@db:5432/plinth_plugin_todo}, {@code data/todo.sqlite}. */
    String location();

    /** What plans call this kind of database: {@code pg}, {@code sqlite}. */
    String client();

    Dialect dialect();

    /** Where this plugin's database and its neighbours are, in words, for the start's report. */
    String neighbourhood();

    /** What is made when it is missing: {@code database}, {@code schema}. */
    List<String> creates();

    /**
     * The values of this kind by the names that plans have for them, in the order in which they are shown; null for what nobody
     * gave. Texts, numbers, booleans, lists of texts, and {@link dev.plinth.runtime.config.Secret}s.
     */
    Map<String, @Nullable Object> values();

    /** Whether one of the two lies in the other, so that their plugins are not apart. */
    boolean overlaps(DatabaseSettings other);
}
