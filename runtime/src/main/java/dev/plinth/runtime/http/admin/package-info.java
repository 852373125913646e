/** The server for operators: shows what the backend is doing, and takes their orders. */
@NullMarked
package dev.plinth.runtime.http.admin;

import org.jspecify.annotations.NullMarked;
