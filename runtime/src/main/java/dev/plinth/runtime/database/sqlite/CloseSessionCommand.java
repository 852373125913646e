package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.command.CommandBase;

/** Ends a session: its transaction is rolled back. */
final class CloseSessionCommand extends CommandBase<Void> {}
