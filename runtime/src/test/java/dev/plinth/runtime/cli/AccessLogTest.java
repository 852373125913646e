package dev.plinth.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.plinth.runtime.logging.AccessLine;
import dev.plinth.runtime.logging.AccessLog;
import dev.plinth.runtime.logging.LogScope;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessLogTest {

    private static final int MANY = 60_000;

    @AfterEach
    void restore() {
        Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
    }

    @Test
    void saysForPeopleInOneLineWhatWasAskedAndAnswered() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Logging.configure(LogFormat.TEXT, target, Level.INFO);
        AccessLog.log(line("/api/todo/items/7"));
        Logging.finish();

        assertThat(target.toString(UTF_8))
                .endsWith(
                        "GET /api/todo/items/7 201 1.2ms 64B plugin=todo route=/api/todo/items/:id client=203.0.113.9 request=r-1\n");
    }

    @Test
    void givesProgramsStatusTimeAndBytesAsNumbersOfTheirOwn() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Logging.configure(LogFormat.JSON, target, Level.INFO).add(List.of("PLANTED"));
        AccessLog.log(line("/api/todo/PLANTED"));
        Logging.finish();

        JsonObject line = new JsonObject(target.toString(UTF_8));
        assertThat(line.getMap())
                .containsEntry("logger", "access")
                .containsEntry("message", "GET /api/todo/*** 201")
                .containsEntry("method", "GET")
                .containsEntry("path", "/api/todo/***")
                .containsEntry("status", 201)
                .containsEntry("millis", 1.2)
                .containsEntry("bytes", 64)
                .containsEntry("route", "/api/todo/items/:id")
                .containsEntry("client", "203.0.113.9")
                .containsEntry("plugin", "todo")
                .containsEntry("request", "r-1")
                .containsEntry("trace", "t-1");
        assertThat(line.getInstant("time")).isNotNull();
    }

    @Test
    void losesNoLineWhenTheProcessEnds() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Logging.configure(LogFormat.TEXT, target, Level.INFO);
        for (int i = 0; i < 1_000; i++) {
            AccessLog.log(line("/api/todo/" + i));
        }
        Logging.finish();

        assertThat(target.toString(UTF_8).lines())
                .hasSize(1_000)
                .element(999)
                .asString()
                .contains("/api/todo/999 ");
    }

    @Test
    void holdsNobodyUpWhileNothingCanBeWrittenAndCountsWhatIsLost() throws Exception {
        Stuck target = new Stuck();
        Logging.configure(LogFormat.TEXT, target, Level.INFO);
        AccessLog.log(line("/first"));
        target.reached.await();
        for (int i = 0; i < MANY; i++) {
            AccessLog.log(line("/more"));
        }
        target.free.countDown();
        Logging.finish();

        List<String> lines = target.taken.toString(UTF_8).lines().toList();
        String last = lines.get(lines.size() - 1);
        int written = lines.size() - 2;
        assertThat(written).isPositive().isLessThan(MANY);
        assertThat(last).contains("WARN").contains((MANY - written) + " lines are missing here");
    }

    private static AccessLine line(String path) {
        return new AccessLine(
                "GET",
                path,
                201,
                1_290_000,
                64,
                "/api/todo/items/:id",
                "203.0.113.9",
                new LogScope("todo", "r-1", "t-1"));
    }

    /** Takes nothing until it is freed. */
    private static final class Stuck extends OutputStream {

        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch free = new CountDownLatch(1);
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("whole lines only");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            reached.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.write(bytes, offset, length);
        }
    }
}
