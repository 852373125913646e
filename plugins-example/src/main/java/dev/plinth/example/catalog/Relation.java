package dev.plinth.example.catalog;

/** One direction of a relation between two entities, either of which may not exist. */
record Relation(EntityRef source, String type, EntityRef target) {}
