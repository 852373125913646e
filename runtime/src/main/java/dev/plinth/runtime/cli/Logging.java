package dev.plinth.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAware;
import ch.qos.logback.core.spi.LifeCycle;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.logging.AccessLog;
import dev.plinth.runtime.logging.BatchAppender;
import dev.plinth.runtime.logging.JsonEncoder;
import dev.plinth.runtime.logging.LineLimit;
import dev.plinth.runtime.logging.PrintedLines;
import dev.plinth.runtime.logging.Repeats;
import dev.plinth.runtime.logging.ScopedAppender;
import dev.plinth.runtime.logging.Secrets;
import dev.plinth.runtime.logging.TextEncoder;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends log events to one stream, in one format. Configured in code: no file to find, and a faster start. */
final class Logging {

    /** Vert.x names there, while it closes, what was left behind before: whoever left it behind has said so. */
    private static final String LEFT_BEHIND = "io.vertx.core.impl.deployment.DefaultDeploymentManager";
    /** Tells of each frame that a caller still sends of a request that was refused. */
    private static final String LATE_FRAMES = "io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder";

    private static final String MAX_LINES = "maxLinesPerSecond";

    private Logging() {}

    static Secrets configure(LogFormat format, OutputStream target, Level level) {
        return configure(format, target, level, false);
    }

    /**
     * Replaces what was configured before.
     *
     * @param coloured whether the target shows colours
     * @return what no line shows; grows while the process runs
     */
    static Secrets configure(LogFormat format, OutputStream target, Level level, boolean coloured) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Secrets secrets = new Secrets();
        Encoder<ILoggingEvent> encoder = started(
                format == LogFormat.JSON ? new JsonEncoder(secrets) : new TextEncoder(secrets, coloured), context);
        LineLimit limit = new LineLimit();
        limit.start();
        ScopedAppender appender = new ScopedAppender(limit);
        appender.setEncoder(encoder);
        appender.setOutputStream(unclosed(target));
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(started(appender, context));
        ch.qos.logback.classic.Logger access = context.getLogger(AccessLog.NAME);
        access.setAdditive(false);
        access.addAppender(started(new BatchAppender(encoder, target), context));
        Repeats repeats = new Repeats(limit);
        repeats.start();
        // First, as telling repetitions costs more.
        context.addTurboFilter(limit);
        context.addTurboFilter(repeats);
        return secrets;
    }

    /** Tells what was held back, as the last thing that is logged. */
    static void finish() {
        PrintedLines.finish();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(AccessLog.NAME).detachAndStopAllAppenders();
        context.resetTurboFilterList();
    }

    private static <T extends ContextAware & LifeCycle> T started(T part, LoggerContext context) {
        part.setContext(context);
        part.start();
        return part;
    }

    /** An appender that is replaced closes its stream, and stderr is not its own. */
    private static OutputStream unclosed(OutputStream target) {
        return new FilterOutputStream(target) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    /** Takes the section {@code logging}; may be called again while running. */
    static void set(Config logging) {
        setLevels(logging);
        int limit = logging.child(MAX_LINES)
                .wholeNumber(new Problems())
                .filter(lines -> lines >= 1 && lines <= LineLimit.HIGHEST)
                .map(Long::intValue)
                .orElse(LineLimit.DEFAULT);
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getTurboFilterList().stream()
                        .filter(LineLimit.class::isInstance)
                        .forEach(filter -> ((LineLimit) filter).set(limit));
    }

    private static void setLevels(Config logging) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLoggerList().stream()
                .filter(logger -> !logger.getName().equals(Logger.ROOT_LOGGER_NAME))
                .forEach(logger -> logger.setLevel(null));
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level(logging.child("level")));
        context.getLogger(LEFT_BEHIND).setLevel(Level.OFF);
        context.getLogger(LATE_FRAMES).setLevel(Level.WARN);
        logging.child("levels").children().forEach(level -> context.getLogger(level.name())
                .setLevel(level(level)));
    }

    private static Level level(Config config) {
        return Level.toLevel(config.string().orElse(""), Level.INFO);
    }
}
