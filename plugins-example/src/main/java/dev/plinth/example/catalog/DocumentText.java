package dev.plinth.example.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * The text of one document of a YAML file. Documents are cut apart before they are parsed, so that a mistake in one cannot hide the
 * others: YAML lets no value contain a line that starts with {@code ---} or {@code ...}.
 *
 * @param linesBefore lines of the file above it
 */
record DocumentText(String text, int linesBefore) {

    static List<DocumentText> split(String file) {
        List<DocumentText> documents = new ArrayList<>();
        int start = 0;
        int linesBefore = 0;
        int line = 0;
        boolean begun = false;
        for (int at = 0; at < file.length(); at = nextLine(file, at)) {
            if (begun && isMarker(file, at, "---")) {
                documents.add(new DocumentText(file.substring(start, at), linesBefore));
                start = at;
                linesBefore = line;
            }
            // Comments and directives may stand above the marker of their document.
            begun = begun || isContent(file, at);
            line++;
            if (isMarker(file, at, "...")) {
                int end = nextLine(file, at);
                documents.add(new DocumentText(file.substring(start, end), linesBefore));
                start = end;
                linesBefore = line;
                begun = false;
            }
        }
        documents.add(new DocumentText(file.substring(start), linesBefore));
        return documents;
    }

    private static boolean isMarker(String file, int at, String marker) {
        int end = at + marker.length();
        return file.startsWith(marker, at) && (end == file.length() || Character.isWhitespace(file.charAt(end)));
    }

    private static boolean isContent(String file, int at) {
        String line = file.substring(at, nextLine(file, at)).strip();
        return !line.isEmpty() && !line.startsWith("#") && !line.startsWith("%");
    }

    private static int nextLine(String file, int at) {
        int end = file.indexOf('\n', at);
        return end < 0 ? file.length() : end + 1;
    }
}
