package dev.plinth.runtime.database;

/**
 * What stands before a plugin's id in the names that Plinth generates; by it, what belonged to removed plugins is found.
 *
 * @param database of databases
 * @param schema of schemas; empty when they are named by the id alone
 */
public record NamePrefixes(String database, String schema) {}
