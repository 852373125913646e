package dev.plinth.runtime.http;

import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The caller's place in its trace, as W3C Trace Context has it: {@code 00-<trace>-<span>-<flags>}.
 *
 * @param traceId 32 hexadecimal digits
 * @param header the whole, naming this process's own part of the trace
 */
record TraceParent(String traceId, String header) {

    static final CharSequence NAME = HttpHeaders.createOptimized("traceparent");

    private static final int TRACE = 3;
    private static final int SPAN = 36;
    private static final int FLAGS = 53;
    private static final int LENGTH = 55;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
    private static final int DIGITS_OF_LONG = 16;
    private static final String VERSION = "00-";
    private static final String NOT_SAMPLED = "00";

    /** Goes on with the caller's trace, or begins one when there is none, or none that can be read. */
    static TraceParent following(@Nullable String given) {
        return given != null && isValid(given)
                ? part(given.substring(TRACE, SPAN - 1), given.substring(FLAGS, LENGTH))
                : begin();
    }

    private static TraceParent begin() {
        byte[] header = new byte[LENGTH];
        putHex(header, TRACE, random());
        putHex(header, TRACE + DIGITS_OF_LONG, random());
        String traceId = new String(header, TRACE, SPAN - 1 - TRACE, StandardCharsets.ISO_8859_1);
        return part(header, traceId, NOT_SAMPLED);
    }

    private static TraceParent part(String traceId, String flags) {
        byte[] header = new byte[LENGTH];
        put(header, TRACE, traceId);
        return part(header, traceId, flags);
    }

    /** Fills in what is missing. */
    private static TraceParent part(byte[] header, String traceId, String flags) {
        put(header, 0, VERSION);
        header[SPAN - 1] = '-';
        putHex(header, SPAN, random());
        header[FLAGS - 1] = '-';
        put(header, FLAGS, flags);
        return new TraceParent(traceId, new String(header, StandardCharsets.ISO_8859_1));
    }

    /** Later versions may add to the end; version ff is none. */
    private static boolean isValid(String header) {
        boolean lengthIsRight = header.length() == LENGTH
                || (header.length() > LENGTH && header.charAt(LENGTH) == '-' && !header.startsWith("00"));
        return lengthIsRight
                && !header.startsWith("ff")
                && isHex(header, 0, 2)
                && header.charAt(TRACE - 1) == '-'
                && isHex(header, TRACE, SPAN - 1)
                && !isZero(header, TRACE, SPAN - 1)
                && header.charAt(SPAN - 1) == '-'
                && isHex(header, SPAN, FLAGS - 1)
                && !isZero(header, SPAN, FLAGS - 1)
                && header.charAt(FLAGS - 1) == '-'
                && isHex(header, FLAGS, LENGTH);
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    /** Never zero, which stands for no id. */
    private static long random() {
        return ThreadLocalRandom.current().nextLong() | 1;
    }

    private static void put(byte[] header, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            header[at + i] = (byte) text.charAt(i);
        }
    }

    private static void putHex(byte[] header, int at, long number) {
        for (int i = 0; i < DIGITS_OF_LONG; i++) {
            header[at + i] = DIGITS[(int) (number >>> (60 - 4 * i)) & 0xf];
        }
    }
}
