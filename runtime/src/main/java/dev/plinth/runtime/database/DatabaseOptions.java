package dev.plinth.runtime.database;

import java.time.Duration;
import java.util.Optional;

/**
 * What holds for the databases of all plugins together.
 *
 * @param budget connections to one PostgreSQL server at most; empty for a fair share of what the server allows
 * @param migrationLease how long a session that fell silent may keep other instances from creating or migrating
 * @param refuseNewerHistory whether an older plugin refuses to start on a newer database
 * @param leaks what is said of connections that a plugin keeps
 */
public record DatabaseOptions(
        Optional<Integer> budget, Duration migrationLease, boolean refuseNewerHistory, LeakOptions leaks) {}
