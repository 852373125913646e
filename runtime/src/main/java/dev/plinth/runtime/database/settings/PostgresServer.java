package dev.plinth.runtime.database.settings;

/** Where the server listens. */
record PostgresServer(String host, int port) {

    /** Whether the host is the directory of a Unix socket. */
    boolean isSocket() {
        return host.startsWith("/");
    }
}
