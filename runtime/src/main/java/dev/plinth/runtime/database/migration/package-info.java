/** Brings a plugin's database up to date. */
@NullMarked
package dev.plinth.runtime.database.migration;

import org.jspecify.annotations.NullMarked;
