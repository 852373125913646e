package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.JsonWriter;
import dev.plinth.runtime.config.Problem;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Tells problems: line by line to people, as one JSON object to programs. */
final class Failures {

    private static final String USAGE = "usage";
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RESET = "\u001b[0m";

    private Failures() {}

    /**
     * Reports why a configuration cannot be used.
     *
     * @param json whether the last line on stderr is to be the JSON object
     * @return the exit code
     */
    static int report(Console console, ConfigException failure, boolean json) {
        report(console, failure.problems(), json);
        return exitCode(failure.problems());
    }

    /** Reports what became of a verb that needs a running backend; answers the exit code. */
    static int report(Console console, InstanceException failure, boolean json) {
        report(console, json, List.of(failure));
        return failure.exitCode();
    }

    /** The same of several at once, where it is any failure. */
    static void report(Console console, boolean json, Collection<InstanceException> failures) {
        if (json) {
            report(console, failures.stream().map(InstanceException::problem).toList(), true);
        } else {
            failures.forEach(failure -> console.err().println(printable("plinth: " + failure.getMessage())));
        }
    }

    /** Usage when the command line alone is wrong, else configuration. */
    static int exitCode(List<Problem> problems) {
        return problems.stream().filter(Problem::isError).allMatch(Failures::isUsage)
                ? ExitCode.USAGE
                : ExitCode.CONFIGURATION;
    }

    private static boolean isUsage(Problem problem) {
        return problem.code().equals(USAGE);
    }

    /** Writes problems to stderr. */
    static void report(Console console, List<Problem> problems, boolean json) {
        if (json) {
            console.err().println(JsonWriter.compact(document(problems)));
        } else {
            print(console, console.err(), problems);
        }
    }

    /** Writes a line for each problem, coloured on a terminal. */
    static void print(Console console, PrintStream stream, List<Problem> problems) {
        problems.forEach(problem -> stream.println(line(console, problem)));
    }

    /** A mistake in the command line itself, as a problem. */
    static Problem usage(String message) {
        return Problem.error(USAGE, "", "", message, "see --help");
    }

    /** {@code {"problems": [...]}}. */
    static Map<String, Object> document(List<Problem> problems) {
        return Map.of("problems", problems.stream().map(Problem::toPlain).toList());
    }

    private static String line(Console console, Problem problem) {
        String line = printable((problem.isError() ? "" : "warning: ") + console.shortened(problem.toString()));
        return console.terminal() ? (problem.isError() ? RED : YELLOW) + line + RESET : line;
    }

    /** Keys and file names may hold what a terminal takes for orders. */
    static String printable(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                result.append(String.format("\\u%04x", c));
            } else {
                result.appendCodePoint(c);
            }
        });
        return result.toString();
    }
}
