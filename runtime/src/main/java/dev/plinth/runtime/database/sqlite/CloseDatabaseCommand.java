package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.command.CommandBase;

/** Closes a database's physical connections. */
final class CloseDatabaseCommand extends CommandBase<Void> {

    private final boolean forGood;

    /** @param forGood whether what comes later is refused, and does not open the database again */
    CloseDatabaseCommand(boolean forGood) {
        this.forGood = forGood;
    }

    boolean isForGood() {
        return forGood;
    }
}
