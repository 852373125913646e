package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;

/** Which server. */
record PgAddress(String host, int port) {

    static PgAddress of(PostgresSettings settings) {
        return new PgAddress(settings.host(), settings.port());
    }
}
