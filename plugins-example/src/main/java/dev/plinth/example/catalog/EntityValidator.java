package dev.plinth.example.catalog;

import static dev.plinth.example.catalog.Field.optional;
import static dev.plinth.example.catalog.Field.required;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a document is an entity by the rules of Backstage's catalog, and derives its relations. All that is wrong with a
 * document is reported together, at the line of the first mistake. One object per document.
 */
final class EntityValidator {

    private static final Set<String> ROOT_FIELDS = Set.of("apiVersion", "kind", "metadata", "spec");
    private static final List<Field> ENVELOPE = List.of(
            required("apiVersion", Check.API_VERSION),
            required("kind", Check.KIND),
            required("metadata", Check.OBJECT),
            optional("spec", Check.OBJECT));
    private static final List<Field> METADATA = List.of(
            required("metadata.name", Check.NAME),
            optional("metadata.namespace", Check.NAMESPACE),
            optional("metadata.uid", Check.TEXT),
            optional("metadata.etag", Check.TEXT),
            optional("metadata.title", Check.TEXT),
            optional("metadata.labels", Check.OBJECT),
            optional("metadata.annotations", Check.OBJECT),
            optional("metadata.tags", Check.LIST),
            optional("metadata.links", Check.LIST));
    private static final List<Field> LINK = List.of(
            required("url", Check.URL),
            optional("title", Check.TEXT),
            optional("icon", Check.TEXT),
            optional("type", Check.TEXT));

    private static final int MAX_MISTAKES = 10;

    private final YamlDocument document;
    private final List<Mistake> mistakes = new ArrayList<>();
    private final Set<Relation> relations = new LinkedHashSet<>();

    EntityValidator(YamlDocument document) {
        this.document = document;
    }

    /** The entity, or nothing when there is a {@link #problem}. */
    Optional<Entity> entity() {
        if (!(document.content() instanceof JsonObject content)) {
            mistakes.add(new Mistake(List.of(), "expected an object, got " + describe(document.content())));
            return Optional.empty();
        }
        checkEnvelope(content);
        if (!mistakes.isEmpty()) {
            return Optional.empty();
        }
        JsonObject entity = withNamespace(content);
        EntityRef ref = refOf(entity);
        Kind.of(entity).ifPresent(kind -> checkKind(kind, ref, entity));
        return mistakes.isEmpty()
                ? Optional.of(new Entity(document.position(), document.line(), ref, entity, relations))
                : Optional.empty();
    }

    Problem problem() {
        int line = document.lineOf(mistakes.get(0).path());
        String reason =
                mistakes.stream().limit(MAX_MISTAKES).map(Mistake::toString).collect(Collectors.joining("; "));
        int more = mistakes.size() - MAX_MISTAKES;
        return new Problem(document.position(), line, more > 0 ? reason + "; and " + more + " more" : reason);
    }

    private void checkEnvelope(JsonObject entity) {
        check(entity, ENVELOPE);
        entity.fieldNames().stream()
                .filter(name -> !ROOT_FIELDS.contains(name))
                .forEach(name -> mistakes.add(new Mistake(List.of(name), "not a field of an entity")));
        if (entity.getValue("metadata") instanceof JsonObject metadata) {
            check(entity, METADATA);
            checkMap("labels", metadata, Check.LABEL);
            checkMap("annotations", metadata, Check.ANY_TEXT);
            checkTags(metadata);
            checkLinks(metadata);
        }
    }

    private void checkKind(Kind kind, EntityRef ref, JsonObject entity) {
        check(entity, List.of(required("apiVersion", Check.oneOf(kind.apiVersions())), required("spec", Check.OBJECT)));
        if (entity.containsKey("spec")) {
            check(entity, kind.fields());
        }
        if (mistakes.isEmpty()) {
            kind.fields().forEach(field -> link(field, ref, entity));
        }
    }

    private void check(JsonObject entity, List<Field> fields) {
        for (Field field : fields) {
            check(List.of(), entity, field);
        }
    }

    private void check(List<String> prefix, JsonObject parent, Field field) {
        List<String> path = join(prefix, field.path());
        if (exists(parent, field.path())) {
            checkValue(path, valueAt(parent, field.path()), field.check());
        } else if (field.required()) {
            mistakes.add(new Mistake(path, "missing"));
        }
    }

    private void checkValue(List<String> path, @Nullable Object value, Check check) {
        if (!check.accepts().test(value)) {
            mistakes.add(new Mistake(path, "expected " + check.expected() + ", got " + describe(value)));
        }
    }

    private void checkMap(String name, JsonObject metadata, Check values) {
        if (metadata.getValue(name) instanceof JsonObject map) {
            for (String key : map.fieldNames()) {
                List<String> path = List.of("metadata", name, key);
                checkValue(path, key, Check.KEY);
                checkValue(path, map.getValue(key), values);
            }
        }
    }

    private void checkTags(JsonObject metadata) {
        if (metadata.getValue("tags") instanceof JsonArray tags) {
            for (int i = 0; i < tags.size(); i++) {
                checkValue(List.of("metadata", "tags", String.valueOf(i)), tags.getValue(i), Check.TAG);
            }
        }
    }

    private void checkLinks(JsonObject metadata) {
        if (metadata.getValue("links") instanceof JsonArray links) {
            for (int i = 0; i < links.size(); i++) {
                checkLink(List.of("metadata", "links", String.valueOf(i)), links.getValue(i));
            }
        }
    }

    private void checkLink(List<String> path, @Nullable Object value) {
        checkValue(path, value, Check.OBJECT);
        if (value instanceof JsonObject link) {
            LINK.forEach(field -> check(path, link, field));
        }
    }

    private void link(Field field, EntityRef source, JsonObject entity) {
        if (field.link() == null) {
            return;
        }
        Object value = valueAt(entity, field.path());
        Stream<?> targets = value instanceof JsonArray list ? list.stream() : Stream.ofNullable(value);
        targets.filter(String.class::isInstance).forEach(target -> link(field, field.link(), source, (String) target));
    }

    private void link(Field field, Field.Link link, EntityRef source, String text) {
        try {
            EntityRef target = EntityRef.parse(text, link.defaultKind(), source.namespace());
            relations.add(new Relation(source, link.outgoing(), target));
            relations.add(new Relation(target, link.incoming(), source));
        } catch (IllegalArgumentException e) {
            mistakes.add(new Mistake(field.path(), e.getMessage() + ", got " + describe(text)));
        }
    }

    private static JsonObject withNamespace(JsonObject entity) {
        JsonObject metadata = entity.getJsonObject("metadata");
        if (!metadata.containsKey("namespace")) {
            metadata.put("namespace", "default");
        }
        return entity;
    }

    private static EntityRef refOf(JsonObject entity) {
        JsonObject metadata = entity.getJsonObject("metadata");
        return new EntityRef(entity.getString("kind"), metadata.getString("namespace"), metadata.getString("name"));
    }

    /** Whether the key is there, even with nothing at it. */
    private static boolean exists(JsonObject parent, List<String> path) {
        return path.size() == 1
                ? parent.containsKey(path.get(0))
                : parent.getValue(path.get(0)) instanceof JsonObject child
                        && exists(child, path.subList(1, path.size()));
    }

    private static @Nullable Object valueAt(JsonObject parent, List<String> path) {
        Object value = parent.getValue(path.get(0));
        if (path.size() == 1) {
            return value;
        }
        return value instanceof JsonObject child ? valueAt(child, path.subList(1, path.size())) : null;
    }

    private static List<String> join(List<String> prefix, List<String> path) {
        return Stream.concat(prefix.stream(), path.stream()).toList();
    }

    private static String describe(@Nullable Object value) {
        if (value == null) {
            return "nothing";
        }
        String text = Json.encode(value);
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    private record Mistake(List<String> path, String reason) {
        @Override
        public String toString() {
            return path.isEmpty() ? reason : String.join(".", path) + ": " + reason;
        }
    }
}
