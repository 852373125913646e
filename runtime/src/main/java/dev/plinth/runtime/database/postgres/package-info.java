/** Databases and schemas on PostgreSQL. */
@NullMarked
package dev.plinth.runtime.database.postgres;

import org.jspecify.annotations.NullMarked;
