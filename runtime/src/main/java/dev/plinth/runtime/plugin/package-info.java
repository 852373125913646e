/** Finds, starts and stops plugins. */
@NullMarked
package dev.plinth.runtime.plugin;

import org.jspecify.annotations.NullMarked;
