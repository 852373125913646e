/** Starts a backend: the only place that knows everything. */
@NullMarked
package dev.plinth.runtime;

import org.jspecify.annotations.NullMarked;
