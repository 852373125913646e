/** Turns layers of files and variables into one read-only tree whose leaves know where they came from. */
@NullMarked
package dev.plinth.runtime.config;

import org.jspecify.annotations.NullMarked;
