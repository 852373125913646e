package dev.plinth.runtime.cli;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.plinth.runtime.logging.LogScope;
import dev.plinth.runtime.logging.PrintedLines;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Level before = context.getLogger(Logger.ROOT_LOGGER_NAME).getLevel();

    @AfterEach
    void restore() {
        Logging.set(Configs.of(new JsonObject().put("level", before.toString())));
    }

    @Test
    void takesLevelsAgainWhileRunning() {
        set(new JsonObject().put("level", "warn").put("levels", Map.of("some", "trace", "io.vertx.some", "error")));
        assertThat(levelOf("other")).isEqualTo(Level.WARN);
        assertThat(levelOf("some.deeper")).isEqualTo(Level.TRACE);
        assertThat(levelOf("io.vertx.some.deeper")).isEqualTo(Level.ERROR);

        set(new JsonObject().put("level", "debug"));
        assertThat(levelOf("other")).isEqualTo(Level.DEBUG);
        assertThat(levelOf("some.deeper")).isEqualTo(Level.DEBUG);

        set(new JsonObject());
        assertThat(levelOf("some")).isEqualTo(Level.INFO);
    }

    @Test
    void saysInEachLineWhichRequestItBelongsTo() throws Exception {
        assertThat(lineOf(LogFormat.TEXT)).endsWith("hello plugin=todo request=r-1");
        JsonObject json = new JsonObject(lineOf(LogFormat.JSON));
        assertThat(json.getMap())
                .containsEntry("plugin", "todo")
                .containsEntry("request", "r-1")
                .containsEntry("trace", "t-1");
    }

    @Test
    void writesOneEventOnOneLineWhateverIsInIt() {
        String hostile = "one\ntwo\r\u001b[31m\u202ered\u0000";
        IllegalStateException failure = new IllegalStateException(hostile, new RuntimeException(hostile));
        String json =
                written(LogFormat.JSON, () -> LoggerFactory.getLogger("some").error(hostile, failure));
        String text =
                written(LogFormat.TEXT, () -> LoggerFactory.getLogger("some").error(hostile, failure));

        assertThat(json.lines()).hasSize(1);
        JsonObject event = new JsonObject(json);
        assertThat(event.getString("message")).isEqualTo(hostile);
        assertThat(event.getString("level")).isEqualTo("ERROR");
        assertThat(event.getInstant("time")).isNotNull();
        assertThat(event.getJsonObject("error").getString("type")).isEqualTo("java.lang.IllegalStateException");
        assertThat(event.getJsonObject("error").getString("stack")).startsWith("java.lang.RuntimeException: one");
        assertThat(text.lines().filter(line -> !line.startsWith("    ")))
                .hasSize(3)
                .allMatch(line -> line.contains("one\\ntwo\\r\\u001b[31m\\u202ered\\u0000"));
        assertThat(text).doesNotContain("\u001b").doesNotContain("\u202e");
    }

    @Test
    void showsNoSecretInMessagesArgumentsAndExceptions() {
        for (LogFormat format : LogFormat.values()) {
            ByteArrayOutputStream target = new ByteArrayOutputStream();
            try {
                Logging.configure(format, target, Level.INFO).add(List.of("PLANTED \"secret\""));
                LoggerFactory.getLogger("some")
                        .error(
                                "plugin '{}': PLANTED \"secret\" {}",
                                "todo",
                                "PLANTED \"secret\"",
                                new IllegalStateException("is PLANTED \"secret\" here"));
            } finally {
                Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
            }
            assertThat(target.toString(UTF_8)).contains("***").doesNotContain("PLANTED");
        }
    }

    @Test
    void showsALoggersNameWhole() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try {
            Logging.configure(LogFormat.JSON, target, Level.INFO).add(List.of("postgres"));
            LoggerFactory.getLogger("dev.plinth.postgres.Lock").info("user postgres");
        } finally {
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
        }
        assertThat(new JsonObject(target.toString(UTF_8)).getString("logger")).isEqualTo("dev.plinth.postgres.Lock");
    }

    @Test
    void namesThePluginThatTheRuntimeSpeaksOf() {
        String line = written(
                LogFormat.JSON, () -> LoggerFactory.getLogger("some").info("plugin '{}': applied {}", "todo", "V1"));

        assertThat(new JsonObject(line).getString("plugin")).isEqualTo("todo");
    }

    @Test
    void leavesOutWhatAPluginLogsBeyondItsLimitButNoFaultInIt() throws Exception {
        List<JsonObject> events = eventsOf("todo", logger -> {
            for (int i = 0; i < 100_000; i++) {
                logger.info("flood {}", i);
                logger.atInfo().log("fluent flood {}", i);
            }
            logger.warn("in the middle of it");
        });

        assertThat(events).hasSizeLessThan(50_000).anyMatch(event -> event.getString("message")
                .equals("in the middle of it"));
        assertThat(told(events, "plugin 'todo'")).isEqualTo(200_000 - floods(events));
        assertThat(events.get(events.size() - 1).getString("plugin")).isEqualTo("todo");
    }

    @Test
    void slowsAThreadDownThatMayWaitAndLogsBeyondTheLimit() {
        Logger logger = LoggerFactory.getLogger("flooding");
        long begin = System.nanoTime();
        String lines = written(LogFormat.JSON, () -> {
            Logging.set(Configs.of(new JsonObject().put("maxLinesPerSecond", 100)));
            for (int i = 0; i < 500; i++) {
                logger.info("flood {}", i);
            }
            Logging.finish();
        });

        List<JsonObject> events = lines.lines().map(JsonObject::new).toList();
        long leftOut = 500 - floods(events);
        assertThat(leftOut).isPositive().isEqualTo(told(events, "logger 'flooding'"));
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(leftOut));
    }

    @Test
    void showsTheBeginningOfALongTextAndNoPartOfASecretInIt() {
        String secret = "PLANTED secret";
        for (int beforeSecret = 64 * 1024 - 10; beforeSecret < 64 * 1024; beforeSecret += 3) {
            String text = "x".repeat(beforeSecret) + secret + "y".repeat(10_000_000);
            ByteArrayOutputStream target = new ByteArrayOutputStream();
            try {
                Logging.configure(LogFormat.JSON, target, Level.INFO).add(List.of(secret));
                LoggerFactory.getLogger("some").info(text);
            } finally {
                Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
            }
            assertThat(new JsonObject(target.toString(UTF_8)).getString("message"))
                    .hasSizeBetween(50_000, 65_536)
                    .endsWith("x... (" + text.length() + " characters)");
        }
    }

    @Test
    void countsALongTextAsManyLines() throws Exception {
        String text = "flood " + "x".repeat(100_000);
        List<JsonObject> events = eventsOf("todo", logger -> {
            for (int i = 0; i < 1_000; i++) {
                logger.info(text);
            }
        });

        assertThat(floods(events)).isBetween(50L, 500L);
        assertThat(told(events, "plugin 'todo'")).isEqualTo(1_000 - floods(events));
    }

    @Test
    void countsALongExceptionAsManyLinesAndShowsItsBeginning() throws Exception {
        for (Throwable failure :
                List.of(new IllegalStateException("x".repeat(1_000_000)), causedOften(), withManySuppressed())) {
            List<JsonObject> events = eventsOf("todo", logger -> {
                for (int i = 0; i < 1_000; i++) {
                    logger.error("flood number" + i, failure);
                }
            });

            assertThat(floods(events)).isBetween(20L, 500L);
            assertThat(told(events, "plugin 'todo'")).isEqualTo(1_000 - floods(events));
            assertThat(events).allSatisfy(event -> assertThat(event.encode()).hasSizeLessThan(400_000));
        }
    }

    private static Throwable causedOften() {
        Throwable failure = new IllegalStateException("y".repeat(60_000));
        for (int i = 0; i < 10; i++) {
            failure = new IllegalStateException("y".repeat(60_000), failure);
        }
        return failure;
    }

    private static Throwable withManySuppressed() {
        Throwable failure = new IllegalStateException();
        for (int i = 0; i < 100; i++) {
            failure.addSuppressed(new IllegalStateException("z".repeat(10_000)));
        }
        return failure;
    }

    @Test
    void countsLongFieldsAsManyLines() throws Exception {
        List<JsonObject> events = eventsOf("todo", logger -> {
            for (int i = 0; i < 1_000; i++) {
                logger.atInfo().addKeyValue("key", "x".repeat(100_000)).log("flood {}", i);
            }
        });

        assertThat(floods(events)).isBetween(20L, 500L);
    }

    @Test
    void logsWhatIsPrintedWithoutAnEndOfItsLineAsOfWhoPrintedIt() throws Exception {
        List<JsonObject> events = eventsOfPrinted("todo", logger -> {
            Thread printing = new Thread(() -> System.out.print("its thread ends"));
            printing.start();
            joinQuietly(printing);
            System.out.print("first half, ");
            System.out.println("second half");
            System.err.print("the process ends");
        });

        assertThat(events)
                .extracting(event -> event.getString("logger") + ": " + event.getString("message"))
                .containsExactlyInAnyOrder(
                        "stdout: its thread ends",
                        "stdout.todo: first half, second half",
                        "stderr.todo: the process ends");
        assertThat(events.stream().filter(event -> "todo".equals(event.getString("plugin"))))
                .hasSize(2);
    }

    @Test
    void waitsNotForLongForTheEndOfALineThatIsPrinted() {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        PrintedLines.Capture prints = PrintedLines.capture();
        try {
            Logging.configure(LogFormat.JSON, target, Level.INFO);
            for (String line : List.of("no end", "no end again")) {
                System.out.println("an end");
                System.out.print(line);
                eventually(() -> target.toString(UTF_8).contains('"' + line + '"'));
            }
        } finally {
            prints.close();
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
        }
    }

    @Test
    void keepsTogetherALineThatIsPrintedInPieces() throws Exception {
        List<JsonObject> events = eventsOfPrinted("todo", logger -> {
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(1_500)) {
                System.out.print("first half, ");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50)); // works for it
                System.out.println("second half");
            }
        });

        assertThat(events)
                .hasSizeGreaterThan(10)
                .extracting(event -> event.getString("message"))
                .containsOnly("first half, second half");
    }

    @Test
    void keepsApartWhatPluginsPrintOnOneThread() throws Exception {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Vertx vertx = Vertx.vertx();
        PrintedLines.Capture prints = PrintedLines.capture();
        try {
            Logging.configure(LogFormat.JSON, target, Level.INFO);
            ContextInternal one = (ContextInternal) vertx.getOrCreateContext();
            ContextInternal other = one.duplicate();
            LogScope.of("one").enter(one);
            new LogScope("other", "r-1", "t-1").enter(other);
            CompletableFuture<Void> printed = new CompletableFuture<>();
            one.runOnContext(v -> System.out.print("of one"));
            other.runOnContext(v -> {
                System.out.println("of other");
            });
            one.runOnContext(v -> {
                System.out.println(" again");
                System.out.print("to its end");
            });
            other.runOnContext(v -> {
                System.out.println();
                printed.complete(null);
            });
            printed.get(20, TimeUnit.SECONDS);
        } finally {
            prints.close();
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }

        assertThat(target.toString(UTF_8).lines().map(JsonObject::new))
                .extracting(event -> event.getString("logger") + ": " + event.getString("message") + " "
                        + event.getString("plugin") + " " + event.getString("request"))
                .containsExactly(
                        "stdout.other: of other other r-1",
                        "stdout.one: of one again one null",
                        "stdout.one: to its end one null");
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void countsRepeatedFaultsAgainstTheLimitToo() throws Exception {
        List<JsonObject> events = eventsOf("todo", logger -> {
            for (int i = 0; i < 100_000; i++) {
                logger.error("always the same");
            }
        });

        assertThat(events).hasSizeLessThan(10).anyMatch(event -> event.getString("message")
                .startsWith("plugin 'todo': "));
    }

    @Test
    void takesTheLimitOfLinesAgainWhileRunning() {
        Logger logger = LoggerFactory.getLogger("flooding");
        String lines = written(LogFormat.JSON, () -> {
            Logging.set(Configs.of(new JsonObject().put("maxLinesPerSecond", 1_000_000)));
            for (int i = 0; i < 5_000; i++) {
                logger.info("flood {}", i);
            }
        });

        assertThat(lines.lines()).hasSize(5_000);
    }

    /** How many lines of somebody are left out, in one sum or several. */
    private static long told(List<JsonObject> events, String whose) {
        Pattern sum = Pattern.compile(whose
                + ": (\\d+) lines are left out, as it logs more than \\d+ a second; see logging.maxLinesPerSecond");
        return events.stream()
                .map(event -> sum.matcher(event.getString("message")))
                .filter(Matcher::matches)
                .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
                .sum();
    }

    private static long floods(List<JsonObject> events) {
        return events.stream()
                .filter(event -> event.getString("message").contains("flood "))
                .count();
    }

    /** What is written when a plugin logs on its event loop. */
    private static List<JsonObject> eventsOf(String plugin, Consumer<Logger> logging) throws Exception {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Vertx vertx = Vertx.vertx();
        try {
            Logging.configure(LogFormat.JSON, target, Level.INFO);
            Context context = vertx.getOrCreateContext();
            LogScope.of(plugin).enter(context);
            CompletableFuture<Void> logged = new CompletableFuture<>();
            context.runOnContext(v -> {
                logging.accept(LoggerFactory.getLogger("some"));
                logged.complete(null);
            });
            logged.get(20, TimeUnit.SECONDS);
            Logging.finish();
        } finally {
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        return target.toString(UTF_8).lines().map(JsonObject::new).toList();
    }

    private static List<JsonObject> eventsOfPrinted(String plugin, Consumer<Logger> printing) throws Exception {
        PrintedLines.Capture prints = PrintedLines.capture();
        try {
            return eventsOf(plugin, printing);
        } finally {
            prints.close();
        }
    }

    private static String written(LogFormat format, Runnable logging) {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try {
            Logging.configure(format, target, Level.INFO);
            logging.run();
        } finally {
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
        }
        return target.toString(UTF_8).strip();
    }

    private static String lineOf(LogFormat format) throws Exception {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Vertx vertx = Vertx.vertx();
        try {
            Logging.configure(format, target, Level.INFO);
            Context request = ((ContextInternal) vertx.getOrCreateContext()).duplicate();
            new LogScope("todo", "r-1", "t-1").enter(request);
            CompletableFuture<Void> logged = new CompletableFuture<>();
            request.runOnContext(v -> {
                LoggerFactory.getLogger("some").info("hello");
                logged.complete(null);
            });
            logged.get(20, TimeUnit.SECONDS);
        } finally {
            Logging.configure(LogFormat.TEXT, System.err, Level.INFO);
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        return target.toString(UTF_8).strip();
    }

    private static void set(JsonObject logging) {
        Logging.set(Configs.of(logging.copy()));
    }

    private Level levelOf(String logger) {
        return context.getLogger(logger).getEffectiveLevel();
    }
}
