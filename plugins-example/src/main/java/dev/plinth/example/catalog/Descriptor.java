package dev.plinth.example.catalog;

import java.util.List;

/**
 * One descriptor file as read.
 *
 * @param path as configured, with {@code /} between its parts
 * @param fingerprint of its content, and of how it is read: equal when there is nothing new
 */
record Descriptor(String path, String fingerprint, List<Entity> entities, List<Problem> problems) {}
