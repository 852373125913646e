package dev.plinth.plugin;

/** The SQL that a plugin's database speaks. */
public enum Dialect {
    POSTGRESQL,
    SQLITE
}
