/** The smallest complete plugin: one table, two routes. */
@NullMarked
package dev.plinth.example.todo;

import org.jspecify.annotations.NullMarked;
