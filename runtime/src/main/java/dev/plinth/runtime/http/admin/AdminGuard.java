package dev.plinth.runtime.http.admin;

import dev.plinth.runtime.config.Secret;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets operators in, and nobody else: who has the token, or, where there is none, programs of this machine. A page in this
 * machine's browser is neither, so what only a page can send is refused.
 */
final class AdminGuard {

    private static final String BEARER = "Bearer ";
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]?");

    private volatile Optional<byte[]> token;

    AdminGuard(Optional<Secret> token) {
        this.token = token.map(AdminGuard::digest);
    }

    /** Asks for another token from now on. Any thread. */
    void use(Secret renewed) {
        token = Optional.of(digest(renewed));
    }

    void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (token.isPresent() && !hasToken(request)) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"plinth\"");
            context.fail(
                    401,
                    new Refusal(
                            Refusal.Kind.INVALID,
                            "the token of backend.admin.token is needed, in the header Authorization: Bearer TOKEN"));
        } else if (token.isEmpty() && !namesThisMachine(request)) {
            // A page whose name was made to lead here would name itself.
            context.fail(
                    403,
                    new Refusal(
                            Refusal.Kind.INVALID,
                            "without a token the admin server is reached by an address or localhost only"));
        } else if (request.getHeader(HttpHeaders.ORIGIN) != null && !isReading(request.method())) {
            context.fail(403, new Refusal(Refusal.Kind.INVALID, "orders are not taken from a page in a browser"));
        } else {
            context.next();
        }
    }

    private boolean hasToken(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null
                && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        digest(header.substring(BEARER.length()).trim()), token.orElseThrow());
    }

    private static boolean namesThisMachine(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return authority == null
                || authority.host().equalsIgnoreCase("localhost")
                || ADDRESS.matcher(authority.host()).matches();
    }

    private static boolean isReading(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    private static byte[] digest(Secret secret) {
        return digest(secret.reveal());
    }

    /** Digests have one length, so comparing takes the same time for every token. */
    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
