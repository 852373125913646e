package dev.plinth.bench;

import java.time.Duration;

/** One of those that are compared. Used by one thread. */
interface Contender {

    /** As it is named in the table. */
    String name();

    /** Gets ready: connects, fills tables. Called once, before the first measurement. */
    default void open() throws Exception {}

    /**
     * Works for about so long; what has a natural end of its own may ignore it.
     *
     * @return a figure for each metric of the shape, in their order
     */
    double[] measure(Duration time) throws Exception;

    default void close() throws Exception {}
}
