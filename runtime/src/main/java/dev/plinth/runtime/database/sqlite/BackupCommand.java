package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.command.CommandBase;
import java.nio.file.Path;

/** Copies a database in memory, which only its own thread can see, into a file. */
final class BackupCommand extends CommandBase<Void> {

    private final Path file;

    BackupCommand(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }
}
