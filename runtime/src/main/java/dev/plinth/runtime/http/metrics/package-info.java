/** Counts what the backend does, for monitoring systems. */
@NullMarked
package dev.plinth.runtime.http.metrics;

import org.jspecify.annotations.NullMarked;
