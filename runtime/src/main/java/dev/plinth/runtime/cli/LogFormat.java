package dev.plinth.runtime.cli;

/** How log events look: text for people, JSON for programs. */
enum LogFormat {
    TEXT,
    JSON
}
