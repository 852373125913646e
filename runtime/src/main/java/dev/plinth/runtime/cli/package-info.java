/** The verbs of the command line. */
@NullMarked
package dev.plinth.runtime.cli;

import org.jspecify.annotations.NullMarked;
