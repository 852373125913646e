package dev.plinth.example.catalog;

import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * One valid document of a descriptor file.
 *
 * @param position of the document in its file, from 0
 * @param line of the file, from 1
 * @param document as written, with the namespace filled in
 * @param relations that its spec makes, in both directions
 */
record Entity(int position, int line, EntityRef ref, JsonObject document, Set<Relation> relations) {}
