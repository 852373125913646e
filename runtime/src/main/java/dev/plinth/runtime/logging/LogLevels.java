package dev.plinth.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The levels of loggers, read and changed while the process runs. Any thread. */
public final class LogLevels {

    /** The name of the logger that all others inherit from. */
    public static final String ROOT = "root";

    private static final Set<String> NAMES = Set.of("trace", "debug", "info", "warn", "error", "off");

    private LogLevels() {}

    /**
     * One logger's level.
     *
     * @param set its own; empty when it inherits
     * @param effective what holds
     */
    public record LogLevel(Optional<String> set, String effective) {}

    /** Of every logger that was used or set so far, by name. */
    public static Map<String, LogLevel> all() {
        Map<String, LogLevel> levels = new TreeMap<>();
        context().getLoggerList().forEach(logger -> levels.put(nameOf(logger), of(logger)));
        return levels;
    }

    public static LogLevel of(String name) {
        return of(logger(name));
    }

    /**
     * Sets a logger's own level, until it is set again or the configuration's levels change.
     *
     * @param level empty to inherit; the root logger then has {@code info}
     * @throws IllegalArgumentException when it is none of trace, debug, info, warn, error, off
     */
    public static void set(String name, Optional<String> level) {
        Level parsed = level.map(LogLevels::parse).orElse(null);
        logger(name).setLevel(parsed == null && name.equals(ROOT) ? Level.INFO : parsed);
    }

    private static Level parse(String text) {
        if (!NAMES.contains(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("expected trace, debug, info, warn, error or off");
        }
        return Level.toLevel(text);
    }

    private static LogLevel of(ch.qos.logback.classic.Logger logger) {
        return new LogLevel(
                Optional.ofNullable(logger.getLevel()).map(LogLevels::word), word(logger.getEffectiveLevel()));
    }

    private static String word(Level level) {
        return level.toString().toLowerCase(Locale.ROOT);
    }

    private static String nameOf(Logger logger) {
        return logger.getName().equals(Logger.ROOT_LOGGER_NAME) ? ROOT : logger.getName();
    }

    private static ch.qos.logback.classic.Logger logger(String name) {
        return context().getLogger(name.equals(ROOT) ? Logger.ROOT_LOGGER_NAME : name);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
