package dev.plinth.runtime;

/** Brings the kinds of databases together with the one verticle that serves them. */
final class DatabaseWiring {

    private DatabaseWiring() {}
}
