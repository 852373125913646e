package dev.plinth.runtime.database;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.plugin.PoolExhaustedException;
import dev.plinth.runtime.database.pool.ConnectionSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Knows where each value of one plugin's settings stands, and adds it to the errors that ask for a key to be changed.
 *
 * @param origins by the names that {@code db plan} uses
 */
record KeyOrigins(Map<String, String> origins) {

    /** A key in a message, and a second one in short: {@code backend.database.connection.host and .port}. */
    private static final Pattern KEYS =
            Pattern.compile("backend\\.database\\.(?:connection\\.)?(\\w+(?:\\.\\w+)*)(?: and \\.(\\w+))?");

    private static final String POOL = "knexConfig.pool.";

    /** The plan has other names for these keys. */
    private static final Map<String, String> PLAN_NAMES =
            Map.of("ensureExists", "ensureDatabase", "ensureSchemaExists", "ensureSchema", "admin", "admin.user");

    /** What says best where the database is, for messages that name no key that was given. */
    private static final List<String> PLACES =
            List.of("host", "filename", "directory", "database", "prefix", "user", "client");

    /** The failure with the places of its keys; one that is not about settings stays as it is. */
    Throwable complete(Throwable failure) {
        if (failure instanceof RetryableException) {
            return copy(failure, new RetryableException(message(failure), causeOf(failure)));
        }
        if (failure instanceof PoolExhaustedException) {
            return copy(failure, new PoolExhaustedException(message(failure)));
        }
        // Of the other kinds, a migration's failure names a file and line of its own.
        return failure.getClass() == DatabaseUnavailableException.class
                ? copy(failure, new DatabaseUnavailableException(message(failure), causeOf(failure)))
                : failure;
    }

    /** The same source, whose errors tell the places of their keys. */
    ConnectionSource complete(ConnectionSource source) {
        return new TracedSource(source, this);
    }

    /** The same findings, whose problems tell the places of their keys. */
    Inspection complete(Inspection found) {
        return new Inspection(
                found.facts(),
                found.problems().stream().map(this::message).toList(),
                found.migrating().map(this::message));
    }

    private static Throwable causeOf(Throwable failure) {
        return Objects.requireNonNullElse(failure.getCause(), failure);
    }

    private static Throwable copy(Throwable failure, Throwable completed) {
        completed.setStackTrace(failure.getStackTrace());
        return completed;
    }

    private String message(Throwable failure) {
        return message(String.valueOf(failure.getMessage()));
    }

    private String message(String message) {
        String places = places(message);
        return places.isEmpty() || message.endsWith(places) ? message : message + places;
    }

    private String places(String message) {
        List<String> named = KEYS.matcher(message)
                .results()
                .flatMap(found -> Stream.of(found.group(1), found.group(2)))
                .filter(Objects::nonNull)
                .flatMap(key -> place(planName(key)).stream())
                .distinct()
                .toList();
        List<String> told = named.isEmpty()
                ? PLACES.stream().flatMap(name -> place(name).stream()).limit(1).toList()
                : named;
        return told.isEmpty() ? "" : told.stream().collect(Collectors.joining(", ", " (", ")"));
    }

    private static String planName(String key) {
        String name = key.startsWith(POOL) ? key.substring("knexConfig.".length()) : key;
        return isTls(name) ? "tls" : PLAN_NAMES.getOrDefault(name, name);
    }

    /** Whichever of these keys was given decides about TLS. */
    private static boolean isTls(String name) {
        return name.equals("ssl") || name.equals("sslmode") || name.startsWith("ssl.");
    }

    /** Empty for what nobody gave; the plan tells file and line first, then the key. */
    private Optional<String> place(String name) {
        return Optional.ofNullable(origins.get(name))
                .filter(origin -> !origin.equals(Resolution.DEFAULT))
                .flatMap(KeyOrigins::turned);
    }

    private static final Pattern FILE_AND_KEY = Pattern.compile("(.+) (backend\\.database\\.\\S+)");

    private static Optional<String> turned(String origin) {
        Matcher matcher = FILE_AND_KEY.matcher(origin);
        if (matcher.matches()) {
            return Optional.of(matcher.group(2) + " at " + matcher.group(1));
        }
        // The rest are names of variables, and notes on what was generated.
        return origin.contains(" ") ? Optional.empty() : Optional.of(origin);
    }
}
