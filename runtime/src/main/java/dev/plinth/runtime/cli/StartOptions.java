package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says of a start.
 *
 * @param logFormat empty where it does not say
 * @param verbose whether to say where the time went
 */
record StartOptions(ConfigRequest request, Optional<LogFormat> logFormat, boolean verbose) {

    private static final String VERB = "start";

    /**
     * Reads a command line as {@link StartCommand} has it, without picocli: its classes are of an age that Java verifies in each
     * process anew, archived or not, which is a good part of a start.
     *
     * @return empty for all but a start whose options are written out once, with values that no rule of picocli's touches; that
     *     is for picocli to read, and to say what is wrong with it
     */
    static Optional<StartOptions> plain(Console console, String... arguments) {
        return arguments.length > 0 && arguments[0].equals(VERB)
                ? new Reader().read(List.of(arguments).subList(1, arguments.length), console)
                : Optional.empty();
    }

    /** What {@code --port} is short for. */
    static List<String> portSet(Optional<Integer> port) {
        return port.map(number -> List.of("backend.listen.port=" + number)).orElse(List.of());
    }

    private static final class Reader {

        private Optional<Path> confDir = Optional.empty();
        private final List<String> configs = new ArrayList<>();
        private final List<String> sets = new ArrayList<>();
        private Optional<Integer> port = Optional.empty();
        private Optional<LogFormat> logFormat = Optional.empty();
        private boolean verbose;

        Optional<StartOptions> read(List<String> arguments, Console console) {
            Iterator<String> rest = arguments.iterator();
            while (rest.hasNext()) {
                if (!takesNext(rest)) {
                    return Optional.empty();
                }
            }
            List<String> all = new ArrayList<>(portSet(port));
            all.addAll(sets);
            ConfigRequest request =
                    new ConfigRequest(confDir, configs, all, console.environment(), console.workingDirectory());
            return Optional.of(new StartOptions(request, logFormat, verbose));
        }

        private boolean takesNext(Iterator<String> rest) {
            String argument = rest.next();
            if (argument.equals("--verbose")) {
                boolean first = !verbose;
                verbose = true;
                return first;
            }
            int sign = argument.indexOf('=');
            return sign >= 0
                    ? takes(argument.substring(0, sign), argument.substring(sign + 1))
                    : rest.hasNext() && takes(argument, rest.next());
        }

        private boolean takes(String option, String value) {
            // It may be another option, or the name of a file of arguments.
            if (value.isEmpty() || value.startsWith("-") || value.startsWith("@")) {
                return false;
            }
            return switch (option) {
                case "--conf-dir" -> takesConfDir(value);
                case "--config" -> configs.add(value);
                case "--set" -> sets.add(value);
                case "--port" -> takesPort(value);
                case "--log-format" -> takesLogFormat(value);
                default -> false;
            };
        }

        private boolean takesConfDir(String value) {
            boolean first = confDir.isEmpty();
            confDir = Optional.of(Path.of(value));
            return first;
        }

        private boolean takesPort(String value) {
            boolean plain =
                    port.isEmpty() && value.length() <= 5 && value.chars().allMatch(c -> c >= '0' && c <= '9');
            port = plain ? Optional.of(Integer.valueOf(value)) : port;
            return plain;
        }

        private boolean takesLogFormat(String value) {
            boolean first = logFormat.isEmpty();
            logFormat = LogFormat.named(value);
            return first && logFormat.isPresent();
        }
    }
}
