package dev.plinth.runtime.cli;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SIGTERM and SIGINT an orderly end with exit code 0; by itself the JVM would exit with 143, though all went well. */
final class ExitOnSignal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");

    private final Thread hook = new Thread(this::exit, "plinth-shutdown");
    private volatile Runnable stop = () -> {};

    private ExitOnSignal() {}

    static ExitOnSignal listen() {
        ExitOnSignal signal = new ExitOnSignal();
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** What is to be stopped before the process ends. */
    void stopsFirst(Runnable running) {
        stop = running;
    }

    private void exit() {
        Optional<StackTraceElement> caller = ExitCaller.find();
        caller.ifPresentOrElse(
                line -> LOG.error(
                        "stopping, as System.exit() was called at {}; a plugin must not end the process", line),
                () -> LOG.info("stopping"));
        SecondSignal.endsAtOnce(ExitCode.FAILURE);
        stop.run();
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
