package dev.plinth.runtime.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * Reads one YAML 1.2 document from the parser's events.
 *
 * <p>Values under a key carry the position of the key, elements of a list their own. An alias shares what it stands for, and
 * counts for all of it, so that a few lines of nested aliases cannot fill the memory. Messages name keys and positions,
 * never a value, an anchor or a tag: each may be a secret without its quotes.
 */
final class YamlReader {

    private record Anchored(ConfigNode node, int size) {}

    private final String source;
    private final Problems warnings;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private int depth;
    private int nodes;

    private YamlReader(String source, String text, Problems warnings) {
        this.source = source;
        this.warnings = warnings;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source)
                // Scalars are resolved here, so the engine need not prepare for it.
                .setSchema(new FailsafeSchema())
                .setCodePointLimit(Limits.FILE_SIZE)
                // All at once: the parser fails on a character of two chars at the end of its buffer.
                .setBufferSize(text.length() + 2)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * Reads a text.
     *
     * @return the document; empty when there is none, or nothing but comments
     * @throws ConfigException when this is not exactly one document, not YAML, or beyond a limit
     */
    static Optional<ConfigNode> read(String source, String text, Problems warnings) {
        String marked = text.startsWith("\uFEFF") ? text.substring(1) : text;
        YamlReader reader = new YamlReader(source, marked, warnings);
        try {
            return reader.document();
        } catch (MarkedYamlEngineException e) {
            throw reader.failure(e);
        } catch (YamlEngineException | NoSuchElementException | IllegalArgumentException e) {
            throw reader.failure(KeyPath.ROOT, Origin.of(source), "this is not YAML", "check for control characters");
        }
    }

    private Optional<ConfigNode> document() {
        expect(Event.ID.StreamStart);
        if (events.next().getEventId() == Event.ID.StreamEnd) {
            return Optional.empty();
        }
        Event first = events.next();
        ConfigNode root = node(first, KeyPath.ROOT, origin(first));
        expect(Event.ID.DocumentEnd);
        Event end = events.next();
        if (end.getEventId() != Event.ID.StreamEnd) {
            throw failure(KeyPath.ROOT, origin(end), "a second document starts here", "keep one document in each file");
        }
        return root instanceof ConfigNode.Scalar scalar && scalar.value() == null
                ? Optional.empty()
                : Optional.of(root);
    }

    private void expect(Event.ID id) {
        Event event = events.next();
        if (event.getEventId() != id) {
            throw failure(KeyPath.ROOT, origin(event), "this is not YAML", "");
        }
    }

    private ConfigNode node(Event event, KeyPath key, Origin origin) {
        if (event instanceof AliasEvent alias) {
            return alias(alias, key, origin);
        }
        int before = nodes;
        count(1, key, origin);
        ConfigNode node = event instanceof ScalarEvent scalar
                ? scalar(scalar, key, origin)
                : collection((CollectionStartEvent) event, key, origin);
        Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
        if (anchor.isPresent()) {
            anchors.put(anchor.get(), new Anchored(node, nodes - before));
        }
        return node;
    }

    private ConfigNode alias(AliasEvent event, KeyPath key, Origin origin) {
        Anchored anchored = anchors.get(event.getAlias());
        if (anchored == null) {
            throw failure(
                    key,
                    origin(event),
                    "this alias has no anchor above it, or stands inside what it names",
                    "put quotes around a text that starts with *");
        }
        count(anchored.size(), key, origin(event));
        return Nodes.withOrigin(anchored.node(), origin);
    }

    private ConfigNode scalar(ScalarEvent event, KeyPath key, Origin origin) {
        Optional<String> tag = event.getTag();
        if (tag.isPresent() && !"!".equals(tag.get())) {
            if (!CoreSchema.isKnown(tag.get())) {
                warnOfTag(key, origin);
            }
            return new ConfigNode.Scalar(CoreSchema.resolve(tag.get(), event.getValue()), origin, false);
        }
        boolean plain = event.isPlain() && tag.isEmpty();
        return new ConfigNode.Scalar(plain ? CoreSchema.resolve(event.getValue()) : event.getValue(), origin, false);
    }

    private ConfigNode collection(CollectionStartEvent event, KeyPath key, Origin origin) {
        if (++depth > Limits.DEPTH) {
            throw new ConfigException(Problem.error(
                    "too-deep",
                    key.toString(),
                    origin.toString(),
                    "more than " + Limits.DEPTH + " objects and lists inside each other",
                    "flatten this part"));
        }
        String tag = event.getTag().orElse("");
        boolean mapping = event.getEventId() == Event.ID.MappingStart;
        if (!tag.isEmpty() && !tag.equals("!") && !tag.equals("tag:yaml.org,2002:" + (mapping ? "map" : "seq"))) {
            warnOfTag(key, origin);
        }
        ConfigNode node = mapping ? mapping(key, origin) : sequence(key, origin);
        depth--;
        return node;
    }

    private ConfigNode mapping(KeyPath key, Origin origin) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        Map<String, Origin> positions = new HashMap<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            Origin position = origin(event);
            String name = name(event, key, position);
            KeyPath child = key.child(name);
            Origin first = positions.putIfAbsent(name, position);
            if (first != null) {
                throw failure(
                        child,
                        position,
                        "this key stands twice in the same object, first in line " + first.line(),
                        "remove one of the two");
            }
            entries.put(name, node(events.next(), child, position));
        }
        return new ConfigNode.Mapping(Collections.unmodifiableMap(entries), origin);
    }

    private ConfigNode sequence(KeyPath key, Origin origin) {
        List<ConfigNode> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, key.element(items.size()), origin(event)));
        }
        return new ConfigNode.Sequence(Collections.unmodifiableList(items), origin);
    }

    /** Keys are text. A number, true or false is taken as it would be printed, with a warning. */
    private String name(Event event, KeyPath parent, Origin position) {
        ConfigNode node = event instanceof CollectionStartEvent ? null : node(event, parent, position);
        Object value = node instanceof ConfigNode.Scalar scalar ? scalar.value() : null;
        if (value == null) {
            throw failure(parent, position, "a key below here is not text", "keys are text; write it in quotes");
        }
        if (value instanceof String text) {
            return text;
        }
        String name = JsonWriter.plain(value);
        warnings.add(Problem.warning(
                "invalid-key",
                parent.child(name).toString(),
                position.toString(),
                "this key is not text, it is read as \"" + name + "\"",
                "write it in quotes"));
        return name;
    }

    private void count(int size, KeyPath key, Origin origin) {
        nodes += size;
        if (nodes > Limits.NODES) {
            throw new ConfigException(Problem.error(
                    "too-large",
                    key.toString(),
                    origin.toString(),
                    "more than " + Limits.NODES + " values, each alias counted with all that it stands for",
                    "look for aliases that multiply each other"));
        }
    }

    private void warnOfTag(KeyPath key, Origin origin) {
        warnings.add(Problem.warning(
                "unknown-tag",
                key.toString(),
                origin.toString(),
                "this value has a tag without meaning here, it is ignored",
                "remove it, or put quotes around a text that starts with !"));
    }

    private Origin origin(Event event) {
        Optional<Mark> mark = event.getStartMark();
        return mark.isPresent() ? origin(mark.get()) : Origin.of(source);
    }

    private Origin origin(Mark mark) {
        return new Origin(source, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private ConfigException failure(MarkedYamlEngineException e) {
        Origin where = e.getProblemMark().map(this::origin).orElse(Origin.of(source));
        @Nullable String problem = e.getProblem();
        String message = YamlMessages.translate(problem == null ? "" : problem);
        return failure(KeyPath.ROOT, where, message, start(e, where));
    }

    /** Where something that is not closed began, when that is further up. */
    private String start(MarkedYamlEngineException e, Origin where) {
        return e.getContextMark()
                .map(this::origin)
                .filter(context -> context.line() < where.line())
                .map(context -> "look from line " + context.line() + " on")
                .orElse("");
    }

    private ConfigException failure(KeyPath key, Origin where, String message, String hint) {
        return new ConfigException(Problem.error("parse-error", key.toString(), where.toString(), message, hint));
    }
}
