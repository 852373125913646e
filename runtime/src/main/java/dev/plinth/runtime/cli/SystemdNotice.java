package dev.plinth.runtime.cli;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells systemd that a unit of {@code Type=notify} is up. By its own program: Java has no datagrams on Unix sockets. */
final class SystemdNotice {

    private static final Logger LOG = LoggerFactory.getLogger("plinth");
    private static final long LIMIT_SECONDS = 10;

    private SystemdNotice() {}

    /** Does nothing unless systemd waits for it. Blocks for a moment. */
    static void ready(Console console) {
        if (console.environment().getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
            return;
        }
        try {
            Process process =
                    new ProcessBuilder("systemd-notify", "--ready").inheritIO().start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                LOG.warn("systemd-notify did not succeed: systemd may take this start for a failure");
            }
        } catch (IOException e) {
            LOG.warn("cannot tell systemd that this is up, use Type=exec: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
