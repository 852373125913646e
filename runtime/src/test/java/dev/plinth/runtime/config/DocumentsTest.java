package dev.plinth.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the documents to what the code says. {@code -Dplinth.write} writes them anew. */
class DocumentsTest {

    private static final Path ROOT = Path.of(System.getProperty("plinth.root"));
    private static final String BEGIN = "<!-- settings: made by \"plinth config docs\"; a test holds it equal -->\n";
    private static final String END = "<!-- settings end -->";

    @Test
    void theReadmeListsTheSettingsThatTheSchemaDescribes() throws IOException {
        Path file = ROOT.resolve("README.md");
        String readme = Files.readString(file);
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        String wanted = "\n" + ConfigDocs.important(ConfigSchema.runtime()) + "\n";
        if (Boolean.getBoolean("plinth.write")) {
            Files.writeString(file, readme.substring(0, begin) + wanted + readme.substring(readme.indexOf(END)));
        } else {
            assertThat(readme.substring(begin, readme.indexOf(END))).isEqualTo(wanted);
        }
    }

    @Test
    void theSchemaForEditorsIsTheRuntimesOwn() throws IOException {
        Path file = ROOT.resolve("docs/plinth-config.schema.json");
        String wanted = ConfigSchema.runtime().toJson() + "\n";
        if (Boolean.getBoolean("plinth.write")) {
            Files.writeString(file, wanted);
        } else {
            assertThat(Files.readString(file)).isEqualTo(wanted);
        }
    }

    @Test
    void everyLinkBetweenTheDocumentsLeadsSomewhere() throws IOException {
        List<Path> documents = new ArrayList<>(markdownIn(ROOT));
        documents.addAll(markdownIn(ROOT.resolve("docs")));
        for (Path document : documents) {
            Matcher links = Pattern.compile("]\\((?!http|#)([^)#]+)").matcher(Files.readString(document));
            while (links.find()) {
                assertThat(document.resolveSibling(links.group(1)))
                        .as("link in " + document)
                        .exists();
            }
        }
    }

    private static List<Path> markdownIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".md")).toList();
        }
    }
}
