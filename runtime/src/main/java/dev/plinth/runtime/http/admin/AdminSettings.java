package dev.plinth.runtime.http.admin;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.http.ListenSettings;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How operators reach the backend: {@code backend.admin}.
 *
 * @param chosen whether the configuration names the place; a default that is taken may give way to another port
 * @param token without which nobody is let in; always there unless only this machine can connect
 */
public record AdminSettings(ListenSettings listen, boolean chosen, Optional<Secret> token) {

    public static final int DEFAULT_PORT = 7008;

    private static final ListenSettings LISTEN = new ListenSettings(ListenSettings.LOOPBACK, DEFAULT_PORT);
    private static final Pattern TOKEN = Pattern.compile("[!-~]([ -~]*[!-~])?");
    private static final Pattern IPV4_LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

    public AdminSettings {
        if (token.isEmpty() && !isLoopback(listen.host())) {
            throw new IllegalArgumentException("a token is needed to listen on " + listen.host());
        }
    }

    /** Reads {@code backend.admin}; what is wrong goes to the problems, with the default in its place. */
    public static AdminSettings read(Config root, Problems problems) {
        Config admin = root.at("backend.admin");
        Config place = admin.at("listen");
        ListenSettings listen = ListenSettings.read(place, LISTEN, problems);
        Optional<Secret> token = admin.at("token").secret(problems);
        if (token.isPresent() && !isToken(token.get().reveal())) {
            problems.add(wrongToken(admin.at("token")));
            return new AdminSettings(LISTEN, place.isPresent(), Optional.empty());
        }
        if (token.isEmpty() && !isLoopback(listen.host())) {
            problems.add(missingToken(place, listen));
            return new AdminSettings(LISTEN, place.isPresent(), Optional.empty());
        }
        return new AdminSettings(listen, place.isPresent(), token);
    }

    private static Problem wrongToken(Config token) {
        return Problem.error(
                "invalid-type",
                "backend.admin.token",
                token.source(),
                "expected a text of printable ASCII characters without a blank at its ends",
                "make one for example with openssl rand -hex 32");
    }

    /** Whether operators can show it: a header has no place for others. */
    public static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    private static Problem missingToken(Config place, ListenSettings listen) {
        return Problem.error(
                "missing-key",
                "backend.admin.token",
                place.source(),
                "a token is required, as backend.admin.listen lets in more than this machine: " + listen.host() + ":"
                        + listen.port(),
                "set backend.admin.token, for example from a file with {$file: PATH}, or listen on 127.0.0.1");
    }

    /** Asks no name server: a name that only it knows is not this machine for certain. */
    static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.equals("::1")
                || IPV4_LOOPBACK.matcher(name).matches();
    }
}
