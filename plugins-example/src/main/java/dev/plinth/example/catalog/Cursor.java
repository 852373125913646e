package dev.plinth.example.catalog;

import io.vertx.ext.web.handler.HttpException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A place in a list of entities: just after the one with this reference, whether or not that one still is there. */
record Cursor(String ref) {

    private static final String PREFIX = "after ";

    /** @throws HttpException 400 for a text that {@link #encode} did not make */
    static Cursor decode(String text) {
        try {
            String decoded = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            if (decoded.startsWith(PREFIX) && decoded.indexOf('\0') < 0) {
                return new Cursor(decoded.substring(PREFIX.length()));
            }
            throw new HttpException(400, "cursor: not one that this catalog gave");
        } catch (IllegalArgumentException e) {
            throw new HttpException(400, "cursor: not one that this catalog gave", e);
        }
    }

    String encode() {
        byte[] text = (PREFIX + ref).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
    }
}
