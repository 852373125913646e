/** Databases that a JDBC driver beside the plugins reaches, through the JDBC client of Vert.x. */
@NullMarked
package dev.plinth.runtime.database.jdbc;

import org.jspecify.annotations.NullMarked;
