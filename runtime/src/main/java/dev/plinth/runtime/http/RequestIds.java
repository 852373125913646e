package dev.plinth.runtime.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Gives every request a name by which logs, errors and other systems can refer to it. */
final class RequestIds {

    static final CharSequence HEADER = HttpHeaders.createOptimized("x-request-id");

    private static final int MAX_LENGTH = 128;

    private final String process = Long.toHexString(new SecureRandom().nextLong() | Long.MIN_VALUE);
    private final AtomicLong count = new AtomicLong();

    /** The caller's own id when it is harmless, else a new one; the request carries it from here on. */
    String assign(HttpServerRequest request) {
        String given = request.getHeader(HEADER);
        if (given != null && isHarmless(given)) {
            return given;
        }
        String made = process + "-" + Long.toHexString(count.incrementAndGet());
        request.headers().set(HEADER, made);
        return made;
    }

    private static boolean isHarmless(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(RequestIds::isHarmless);
    }

    private static boolean isHarmless(int character) {
        return character > ' ' && character <= '~' && "\"'\\<>`".indexOf(character) < 0;
    }
}
