package dev.plinth.runtime.config;

import java.util.List;

/** Says in our words, and with a remedy, what the YAML parser complains of. */
final class YamlMessages {

    private record Translation(String part, String message) {}

    private static final List<Translation> TRANSLATIONS = List.of(
            new Translation(
                    "mapping values are not allowed here",
                    "a second \": \" on this line or a wrong indentation; put quotes around a text that contains \": \""),
            new Translation(
                    "found character '\\t(TAB)' that cannot start", "a tab stands where only spaces may; use spaces"),
            new Translation(
                    "that cannot start any token", "a text cannot start with this character; put quotes around it"),
            new Translation("could not find expected ':'", "a key without \":\" after it, in or just before this line"),
            new Translation("expected <block end>", "the indentation does not match the lines above"),
            new Translation(
                    "sequence entries are not allowed here", "a list element cannot start here; check the indentation"),
            new Translation("unexpected end of stream", "a quoted text is not closed"),
            new Translation("expected the node content", "a value is missing here, or something above is not closed"),
            new Translation(
                    "expected ',' or '}'",
                    "an object in braces is not closed, a comma is missing, or a text with braces such as ${VAR} has no quotes"),
            new Translation("expected ',' or ']'", "a list in brackets is not closed, or a comma is missing"),
            new Translation(
                    "undefined tag handle", "a tag without meaning here; put quotes around a text that starts with !"),
            new Translation(
                    "escape character", "an escape in double quotes that YAML does not know; use single quotes"),
            new Translation("special characters are not allowed", "a control character; remove it"));

    private YamlMessages() {}

    static String translate(String problem) {
        return TRANSLATIONS.stream()
                .filter(translation -> problem.contains(translation.part()))
                .map(Translation::message)
                .findFirst()
                .orElse("this is not YAML; check indentation, quotes and brackets here and in the line before");
    }
}
