/** Turns log events into lines that say which plugin and which request they belong to. */
@NullMarked
package dev.plinth.runtime.logging;

import org.jspecify.annotations.NullMarked;
