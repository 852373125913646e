package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.PostgresSettings;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Whether servers speak TLS, as they said not long ago: to ask takes a connection of its own, for which a server starts a process.
 * Thread-safe.
 */
final class TlsAnswers {

    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    private record Answer(boolean tls, long nanos) {}

    /** Empty when it must be asked. */
    Optional<Boolean> of(PostgresSettings settings) {
        Answer answer = answers.get(PostgresConnector.name(settings));
        return answer == null || System.nanoTime() - answer.nanos() > KEPT_NANOS
                ? Optional.empty()
                : Optional.of(answer.tls());
    }

    void note(PostgresSettings settings, boolean tls) {
        answers.put(PostgresConnector.name(settings), new Answer(tls, System.nanoTime()));
    }
}
