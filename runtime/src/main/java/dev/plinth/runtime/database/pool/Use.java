package dev.plinth.runtime.database.pool;

/** How a borrower uses a connection. */
public enum Use {
    /** One statement known to be quick; others may travel on the same connection. */
    SHARED,
    /** Alone on the connection: a lease, or a statement of which nothing is known. */
    OWN,
    /** Alone, with a statement known to be slow; some of the borrower's connections stay free of those. */
    SLOW
}
