/** Gives every plugin its own database. */
@NullMarked
package dev.plinth.runtime.database;

import org.jspecify.annotations.NullMarked;
