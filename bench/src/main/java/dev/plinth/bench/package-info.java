/** Measures Plinth beside what it could be replaced with, and writes down the ratios. */
@NullMarked
package dev.plinth.bench;

import org.jspecify.annotations.NullMarked;
