/** Bounds how much a plugin is asked for at once. */
@NullMarked
package dev.plinth.runtime.gate;

import org.jspecify.annotations.NullMarked;
