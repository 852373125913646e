package dev.plinth.runtime.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Logback without a configuration: that is done in code. Logback's own provider would look for files of it first, and log to stdout
 * when there are none, which takes a tenth of a start.
 */
public final class LogbackProvider implements SLF4JServiceProvider {

    /** Whoever starts Java with a configuration of its own logging wants that one. */
    private static final String JUL = "java.util.logging.config.";

    private final LoggerContext context = new LoggerContext();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final LogbackMDCAdapter scopes = new LogbackMDCAdapter();

    /** Makes this the provider of the process; before its first logger is made. */
    public static void use() {
        System.setProperty("slf4j.provider", LogbackProvider.class.getName());
        // It would tell on stderr that it was named.
        System.setProperty("slf4j.internal.verbosity", "WARN");
        // Not asked of the handler: that would begin with what it configures.
        if (System.getProperty(JUL + "file") == null && System.getProperty(JUL + "class") == null) {
            System.setProperty(JUL + "class", JulHandler.Setup.class.getName());
        }
    }

    @Override
    public void initialize() {
        context.setName("default");
        context.setMDCAdapter(scopes);
        context.start();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return context;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return scopes;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }
}
