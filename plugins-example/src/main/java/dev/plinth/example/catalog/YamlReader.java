package dev.plinth.example.catalog;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML 1.2 document as JSON, within limits: a few lines of aliases can stand for gigabytes.
 *
 * <p>Local tags are ignored, numbers that JSON does not have become null, and a key is always text. One object per document.
 */
final class YamlReader {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_VALUES = 100_000;
    // JSON with more than that would be written, but not read again.
    private static final int MAX_KEY_LENGTH = 1000;
    private static final int MAX_NUMBER_LENGTH = 100;
    private static final CoreSchema SCHEMA = new CoreSchema();
    private static final Map<Tag, ConstructNode> SCALARS = SCHEMA.getSchemaTagConstructors();

    private int values;

    /** The document, or nothing when the text holds only comments. */
    static Optional<YamlDocument> read(String text, int position, int linesBefore) throws YamlException {
        try {
            Optional<Node> root = compose(text);
            if (root.isEmpty()) {
                return Optional.empty();
            }
            Object content = new YamlReader().toJson(root.get(), 0);
            return Optional.of(new YamlDocument(position, content, root.get(), linesBefore));
        } catch (ReaderException e) {
            throw new YamlException("not valid YAML: " + e.getMessage(), lineAt(text, e.getPosition()));
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            String problem = e.getProblem() == null ? e.getContext() : e.getProblem();
            throw new YamlException(
                    "not valid YAML: " + problem, mark.map(Mark::getLine).orElse(0));
        } catch (YamlEngineException e) {
            throw new YamlException("not valid YAML: " + e.getMessage(), 0);
        }
    }

    private static int lineAt(String text, int codePoints) {
        return (int) text.codePoints()
                .limit(codePoints)
                .filter(character -> character == '\n')
                .count();
    }

    private static Optional<Node> compose(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(SCHEMA)
                .setMaxAliasesForCollections(MAX_VALUES) // what they stand for is counted here
                .setCodePointLimit(Integer.MAX_VALUE) // the file's size is limited already
                .build();
        ParserImpl parser = new ParserImpl(settings, new StreamReader(settings, text));
        return new Composer(settings, new DepthLimitedParser(parser, MAX_DEPTH)).getSingleNode();
    }

    private @Nullable Object toJson(Node node, int depth) throws YamlException {
        if (++values > MAX_VALUES || depth > MAX_DEPTH) {
            throw problem(node, "more than " + MAX_VALUES + " values, or an alias of itself");
        }
        if (node instanceof MappingNode mapping) {
            return toObject(mapping, depth);
        }
        if (node instanceof SequenceNode sequence) {
            JsonArray array = new JsonArray();
            for (Node element : sequence.getValue()) {
                array.add(toJson(element, depth + 1));
            }
            return array;
        }
        return toScalar((ScalarNode) node);
    }

    private JsonObject toObject(MappingNode mapping, int depth) throws YamlException {
        JsonObject object = new JsonObject();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw problem(entry.getKeyNode(), "a key must be text");
            }
            if (key.getValue().length() > MAX_KEY_LENGTH) {
                throw problem(key, "a key has at most " + MAX_KEY_LENGTH + " characters");
            }
            if (object.containsKey(text(key))) {
                throw problem(key, "the key \"" + key.getValue() + "\" is there twice");
            }
            object.put(key.getValue(), toJson(entry.getValueNode(), depth + 1));
        }
        return object;
    }

    private static @Nullable Object toScalar(ScalarNode node) throws YamlException {
        ConstructNode scalar = SCALARS.get(node.getTag());
        if (scalar == null || node.getTag().equals(Tag.BINARY)) {
            return text(node);
        }
        if (node.getValue().length() > MAX_NUMBER_LENGTH) {
            throw problem(node, "a number has at most " + MAX_NUMBER_LENGTH + " characters");
        }
        try {
            Object value = scalar.construct(node);
            return value instanceof Double number && !Double.isFinite(number) ? null : value;
        } catch (NumberFormatException e) {
            throw problem(node, "\"" + node.getValue() + "\" is not a number");
        }
    }

    private static String text(ScalarNode node) throws YamlException {
        if (node.getValue().indexOf('\0') >= 0) {
            throw problem(node, "the character U+0000 cannot be stored");
        }
        return node.getValue();
    }

    private static YamlException problem(Node node, String message) {
        return new YamlException(message, node.getStartMark().map(Mark::getLine).orElse(0));
    }
}
