/** Resolves each plugin's database settings from the configuration and the PG variables, before anything connects. */
@NullMarked
package dev.plinth.runtime.database.settings;

import org.jspecify.annotations.NullMarked;
