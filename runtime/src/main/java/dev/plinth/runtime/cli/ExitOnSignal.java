package dev.plinth.runtime.cli;

import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SIGTERM and SIGINT an orderly end with exit code 0; by itself the JVM would exit with 143, though all went well. */
final class ExitOnSignal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");

    private final Thread hook = new Thread(this::exit, "plinth-shutdown");
    private volatile Consumer<Optional<String>> stop = caller -> {};

    private ExitOnSignal() {}

    static ExitOnSignal listen() {
        ExitOnSignal signal = new ExitOnSignal();
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** How to stop before the process ends; gets the class loader's name of code that ends it, if it was no signal. */
    void stopsFirst(Consumer<Optional<String>> running) {
        stop = running;
    }

    private void exit() {
        Optional<StackTraceElement> caller = ExitCaller.find();
        caller.ifPresentOrElse(
                line -> LOG.error(
                        "stopping, as System.exit() was called at {}; a plugin must not end the process", line),
                () -> LOG.info("stopping"));
        SecondSignal.endsAtOnce(ExitCode.FAILURE);
        stop.accept(caller.map(StackTraceElement::getClassLoaderName));
        Logging.finish();
        Runtime.getRuntime().halt(caller.isPresent() ? ExitCode.FAILURE : ExitCode.SUCCESS);
    }

    /** From now on the process ends with the exit code of its verb. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyExiting) {
            LOG.debug("a signal came first", alreadyExiting);
        }
    }
}
