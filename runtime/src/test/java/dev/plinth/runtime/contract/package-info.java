/** What a plugin may rely on, shown on every database that Plinth offers. */
package dev.plinth.runtime.contract;
