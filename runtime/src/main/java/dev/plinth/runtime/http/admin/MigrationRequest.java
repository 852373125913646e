package dev.plinth.runtime.http.admin;

/**
 * How migrations are applied.
 *
 * @param dryRun only tell the SQL of what is pending
 * @param repair first accept the present text of migrations that were changed after they ran
 */
public record MigrationRequest(boolean dryRun, boolean repair) {}
