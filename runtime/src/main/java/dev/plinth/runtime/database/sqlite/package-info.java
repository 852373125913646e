/** Databases in SQLite files or in memory. */
@NullMarked
package dev.plinth.runtime.database.sqlite;

import org.jspecify.annotations.NullMarked;
