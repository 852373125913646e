/** What the plugin side and the database side say to each other on the event bus. */
@NullMarked
package dev.plinth.runtime.bus;

import org.jspecify.annotations.NullMarked;
