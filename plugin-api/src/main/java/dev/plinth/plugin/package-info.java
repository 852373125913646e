/** All that a plugin author sees of Plinth. */
@NullMarked
package dev.plinth.plugin;

import org.jspecify.annotations.NullMarked;
