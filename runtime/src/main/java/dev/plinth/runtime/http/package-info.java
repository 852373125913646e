/** Serves the plugins' routes and the backend's health. */
@NullMarked
package dev.plinth.runtime.http;

import org.jspecify.annotations.NullMarked;
