/** The pool handed to plugins. */
@NullMarked
package dev.plinth.runtime.database.pool;

import org.jspecify.annotations.NullMarked;
