package dev.plinth.example.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One field of an entity.
 *
 * @param path from the root of the document
 * @param link the relation that it makes, if any
 */
record Field(List<String> path, boolean required, Check check, @Nullable Link link) {

    static Field required(String path, Check check) {
        return new Field(List.of(path.split("\\.")), true, check, null);
    }

    static Field optional(String path, Check check) {
        return new Field(List.of(path.split("\\.")), false, check, null);
    }

    /** This field holds references to entities of the default kind, or to those whose kind it names when there is no default. */
    Field linking(String outgoing, String incoming, @Nullable String defaultKind) {
        return new Field(path, required, check, new Link(outgoing, incoming, defaultKind));
    }

    /** Both directions of a relation. */
    record Link(String outgoing, String incoming, @Nullable String defaultKind) {}
}
