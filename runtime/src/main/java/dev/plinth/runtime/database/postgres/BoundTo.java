package dev.plinth.runtime.database.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Which plugin a connection is bound to. Known only once the server said so: until then each statement carries the binding anew,
 * and what fails leaves the binding of before. Used on the connection's event loop only.
 */
final class BoundTo {

    private @Nullable PgSource source;
    private boolean confirmed;
    private int number;

    boolean is(PgSource asked) {
        return source == asked && confirmed;
    }

    /**
     * A binding is on its way to the server.
     *
     * @return its number, for {@link #confirm}
     */
    int send(PgSource next) {
        if (source != next) {
            source = next;
            confirmed = false;
            number++;
        }
        return number;
    }

    /** The server carried the binding out. That of another, sent since, is still to come. */
    void confirm(int answered) {
        if (answered == number) {
            confirmed = true;
        }
    }

    /** The session may have lost its binding. */
    void lost() {
        source = null;
        confirmed = false;
        number++;
    }
}
