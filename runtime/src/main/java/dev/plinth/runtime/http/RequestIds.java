package dev.plinth.runtime.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Gives every request a name by which logs, errors and other systems can refer to it. Thread-safe. */
public final class RequestIds {

    public static final CharSequence HEADER = HttpHeaders.createOptimized("x-request-id");

    private static final int MAX_LENGTH = 128;

    private final String process = Long.toHexString(new SecureRandom().nextLong() | Long.MIN_VALUE) + '-';
    private final AtomicLong count = new AtomicLong();

    /** The caller's own names when they are harmless, else new ones; the request carries them from here on. */
    public RequestIdentity assign(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String id = id(headers.get(HEADER), headers);
        TraceParent trace = TraceParent.following(headers.get(TraceParent.NAME));
        headers.set(TraceParent.NAME, trace.header());
        return new RequestIdentity(id, trace);
    }

    private String id(@Nullable String given, MultiMap headers) {
        if (given != null && isHarmless(given)) {
            return given;
        }
        String made = next();
        headers.set(HEADER, made);
        return made;
    }

    String next() {
        return process + Long.toHexString(count.incrementAndGet());
    }

    private static boolean isHarmless(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(RequestIds::isHarmless);
    }

    private static boolean isHarmless(int character) {
        return character > ' ' && character <= '~' && "\"'\\<>`".indexOf(character) < 0;
    }
}
