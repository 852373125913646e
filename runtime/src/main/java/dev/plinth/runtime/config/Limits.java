package dev.plinth.runtime.config;

/** Bounds that no honest configuration meets, and that keep a hostile one from hurting the process. */
final class Limits {

    /** Of one file, in bytes. */
    static final int FILE_SIZE = 1024 * 1024;

    /** Of objects and lists inside each other. */
    static final int DEPTH = 100;

    /** Of includes inside each other. */
    static final int INCLUDE_DEPTH = 16;

    /** Of values in a whole configuration, aliases counted each time. */
    static final int NODES = 100_000;

    /** Of all texts together, aliases counted each time. */
    static final int CHARACTERS = 8 * 1024 * 1024;

    /** Of includes followed in one loading. */
    static final int INCLUDES = 1_000;

    private Limits() {}
}
