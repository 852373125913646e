package dev.plinth.example.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Turns the bytes of one descriptor file into entities and problems.
 *
 * <p>Each document stands for itself: one that is not YAML, or not a valid entity, becomes a problem, and those before and after
 * it are read all the same. Empty documents count for nothing.
 */
final class DescriptorReader {

    /** Raise it when the same file would be read differently: all files are then read again. */
    private static final int VERSION = 1;

    private final List<Entity> entities = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private DescriptorReader() {}

    static Descriptor read(String path, byte[] content) {
        DescriptorReader reader = new DescriptorReader();
        reader.readText(content);
        return new Descriptor(path, fingerprint(content), reader.entities, reader.problems);
    }

    /** A file of which only is known why it cannot be read. */
    static Descriptor unreadable(String path, String reason) {
        return new Descriptor(
                path,
                fingerprint(reason.getBytes(StandardCharsets.UTF_8)),
                List.of(),
                List.of(new Problem(0, 1, reason)));
    }

    static String fingerprint(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return VERSION + ":" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private void readText(byte[] content) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
            List<DocumentText> documents = DocumentText.split(withoutByteOrderMark(text));
            for (int i = 0; i < documents.size(); i++) {
                readDocument(i, documents.get(i));
            }
        } catch (CharacterCodingException e) {
            problems.add(new Problem(0, 1, "not UTF-8 text"));
        }
    }

    private static String withoutByteOrderMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private void readDocument(int position, DocumentText text) {
        try {
            Optional<YamlDocument> document = YamlReader.read(text.text(), position, text.linesBefore());
            document.filter(found -> found.content() != null).ifPresent(this::readEntity);
        } catch (YamlException e) {
            problems.add(new Problem(position, text.linesBefore() + 1 + e.line(), e.reason()));
        }
    }

    private void readEntity(YamlDocument document) {
        EntityValidator validator = new EntityValidator(document);
        validator.entity().ifPresentOrElse(entities::add, () -> problems.add(validator.problem()));
    }
}
