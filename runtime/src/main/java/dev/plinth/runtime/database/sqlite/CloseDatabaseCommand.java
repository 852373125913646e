package dev.plinth.runtime.database.sqlite;

import io.vertx.sqlclient.internal.command.CommandBase;

/** Closes a database's physical connections. */
final class CloseDatabaseCommand extends CommandBase<Void> {}
