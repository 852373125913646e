package dev.plinth.example.catalog;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One document of a YAML file: its content, and the line on which each part of it stands.
 *
 * @param content a JsonObject, JsonArray, text, number, boolean or null
 * @param linesBefore lines of the file above the text from which the nodes were read
 */
record YamlDocument(int position, @Nullable Object content, Node root, int linesBefore) {

    /** The line of the document's first value. */
    int line() {
        return lineOf(root);
    }

    /** The line of the key or element at this path, or of its nearest parent that there is. */
    int lineOf(List<String> path) {
        int line = line();
        Optional<Node> node = Optional.of(root);
        for (String step : path) {
            Optional<Place> place = node.flatMap(parent -> find(parent, step));
            if (place.isEmpty()) {
                return line;
            }
            line = lineOf(place.get().mark());
            node = Optional.of(place.get().value());
        }
        return line;
    }

    private int lineOf(Node node) {
        return linesBefore + 1 + node.getStartMark().orElseThrow().getLine();
    }

    private static Optional<Place> find(Node parent, String step) {
        if (parent instanceof MappingNode mapping) {
            return mapping.getValue().stream()
                    .filter(entry -> isKey(entry, step))
                    .map(entry -> new Place(entry.getKeyNode(), entry.getValueNode()))
                    .findFirst();
        }
        if (parent instanceof SequenceNode sequence) {
            Node element = sequence.getValue().get(Integer.parseInt(step));
            return Optional.of(new Place(element, element));
        }
        return Optional.empty();
    }

    private static boolean isKey(NodeTuple entry, String name) {
        return entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name);
    }

    private record Place(Node mark, Node value) {}
}
