/** Says which plugin and which request a log line belongs to. */
@NullMarked
package dev.plinth.runtime.logging;

import org.jspecify.annotations.NullMarked;
