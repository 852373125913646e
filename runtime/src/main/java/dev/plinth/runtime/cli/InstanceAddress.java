package dev.plinth.runtime.cli;

import dev.plinth.runtime.config.ConfigException;
import dev.plinth.runtime.config.LoadedConfig;
import dev.plinth.runtime.config.Masking;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.http.admin.AdminSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a running backend is to be found. A mixin. */
final class InstanceAddress {

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the running backend listens to operators, as its start says; by default what the"
                    + " configuration has in backend.admin.listen.")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token; by default the configuration's backend.admin.token.")
    private @Nullable Path tokenFile;

    /** Whether it is named, and not looked for. */
    boolean isGiven() {
        return url != null;
    }

    /** The one that is named, or else that of the configuration, be it running or not. */
    RunningInstance find(Console console, Supplier<LoadedConfig> loaded) {
        // The configuration's token is for the configuration's own backend.
        return url == null ? configured(console, loaded.get()) : new RunningInstance(address(url), token(console));
    }

    private Optional<Secret> token(Console console) {
        return Optional.ofNullable(tokenFile).map(file -> token(console, file));
    }

    private RunningInstance configured(Console console, LoadedConfig loaded) {
        Problems problems = new Problems();
        AdminSettings admin = AdminSettings.read(loaded.config(), problems);
        problems.throwIfErrors();
        if (admin.listen().port() == 0) {
            throw InstanceException.notRunning("the configuration lets the backend choose its port for operators"
                    + " (backend.admin.listen); name it with --url, as its start says");
        }
        RunningInstance instance = new RunningInstance(
                URI.create(admin.listen().url()), token(console).or(admin::token));
        if (!admin.chosen()) {
            // Any backend of this machine may have the default port.
            instance.requireConfiguration(loaded.files(), console.workingDirectory());
        }
        return instance;
    }

    /** The same when it runs. */
    Optional<RunningInstance> running(Console console, LoadedConfig loaded) {
        try {
            RunningInstance instance = find(console, () -> loaded);
            instance.get("/admin/instance");
            return Optional.of(instance);
        } catch (InstanceException e) {
            if (e.exitCode() == ExitCode.NOT_RUNNING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static URI address(String text) {
        try {
            URI uri = URI.create(text);
            String scheme = String.valueOf(uri.getScheme());
            if (uri.getHost() != null && List.of("http", "https").contains(scheme) && isBare(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw usage(text);
        }
        throw usage(text);
    }

    /** What else it said would be left out without a word. */
    private static boolean isBare(URI uri) {
        return List.of("", "/").contains(uri.getRawPath())
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && uri.getRawUserInfo() == null;
    }

    private static ConfigException usage(String text) {
        return new ConfigException(Failures.usage("--url: expected http://host:port, got " + Masking.text(text)));
    }

    private static Secret token(Console console, Path file) {
        try {
            String text =
                    Files.readString(console.workingDirectory().resolve(file)).strip();
            if (AdminSettings.isToken(text)) {
                return new Secret(text);
            }
        } catch (IOException e) {
            throw unusable("cannot read " + file, "name a file that you may read");
        }
        throw unusable(file + " holds no token", "it is one line of printable ASCII characters");
    }

    private static ConfigException unusable(String why, String remedy) {
        return new ConfigException(Problem.error("usage", "", "", "--token-file: " + why, remedy));
    }
}
