package dev.plinth.runtime.cli;

import java.io.File;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * All that a verb knows of the process around it.
 *
 * @param environment the process environment, read by Main alone
 * @param workingDirectory to which relative paths relate
 * @param out results
 * @param err logs, problems and progress
 * @param terminal whether a person is looking at results: colours
 * @param errTerminal whether a person is looking at logs: as text
 */
public record Console(
        Map<String, String> environment,
        Path workingDirectory,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        boolean errTerminal) {

    /** A text for people, in which files below the working directory are named as they would name them. */
    String shortened(String text) {
        String directory = workingDirectory + File.separator;
        return Pattern.compile("(?<![^\\s'(])" + Pattern.quote(directory))
                .matcher(text)
                .replaceAll("");
    }
}
