package dev.plinth.runtime.database;

/** What one plugin's database resolves to, checked, before anything connects. A third kind of database is a third record. */
public sealed interface DatabaseSettings permits PostgresSettings, SqliteSettings {

    String pluginId();

    PoolSettings pool();

    boolean skipMigrations();

    /** Where it is, for people; never with a password: {@code app@db:5432/plinth_plugin_todo}, {@code data/todo.sqlite}. */
    String location();
}
