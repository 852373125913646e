package dev.plinth.runtime.database.settings;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code postgresql://user:password@host:port/database?option=value} as libpq does, into the keys of a connection object.
 * What the text leaves out is left out of the result. No message shows any part of the text: it may hold a password.
 */
final class PostgresUri {

    private static final List<String> SCHEMES = List.of("postgresql://", "postgres://");

    private final Map<String, String> parts = new LinkedHashMap<>();

    private PostgresUri() {}

    /** The text cannot be read; with the reason. */
    static final class Malformed extends Exception {

        private final String reason;

        Malformed(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    static Map<String, String> parse(String text) throws Malformed {
        String afterScheme = SCHEMES.stream()
                .filter(text::startsWith)
                .findFirst()
                .map(scheme -> text.substring(scheme.length()))
                .orElseThrow(() -> new Malformed(
                        "expected a URL such as postgresql://user:password@host:5432/database, or an object"));
        PostgresUri uri = new PostgresUri();
        int query = afterScheme.indexOf('?');
        uri.readHierarchy(query < 0 ? afterScheme : afterScheme.substring(0, query));
        if (query >= 0) {
            uri.readOptions(afterScheme.substring(query + 1));
        }
        return uri.parts;
    }

    private void readHierarchy(String text) throws Malformed {
        int slash = text.indexOf('/');
        String authority = slash < 0 ? text : text.substring(0, slash);
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            readLogin(authority.substring(0, at));
        }
        readServer(authority.substring(at + 1));
        if (slash >= 0) {
            put("database", text.substring(slash + 1));
        }
    }

    private void readLogin(String login) throws Malformed {
        int colon = login.indexOf(':');
        put("user", colon < 0 ? login : login.substring(0, colon));
        if (colon >= 0) {
            put("password", login.substring(colon + 1));
        }
    }

    private void readServer(String server) throws Malformed {
        if (server.contains(",")) {
            throw new Malformed("several hosts in one URL are not supported, name one");
        }
        int end = server.startsWith("[") ? server.indexOf(']') + 1 : 0;
        int colon = server.indexOf(':', end);
        String host = colon < 0 ? server : server.substring(0, colon);
        put("host", host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host);
        if (colon >= 0) {
            put("port", port(server.substring(colon + 1)));
        }
    }

    private static String port(String port) throws Malformed {
        if (!port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new Malformed("the port of the URL is not a number; special characters in user and password"
                    + " must be percent-encoded, / as %2F and @ as %40");
        }
        return port;
    }

    private void readOptions(String query) throws Malformed {
        for (String option : query.split("&", -1)) {
            if (option.isEmpty()) {
                continue;
            }
            int equals = option.indexOf('=');
            if (equals <= 0) {
                throw new Malformed("an option behind the ? of the URL has no value, expected name=value");
            }
            String name = decode(option.substring(0, equals));
            put(name.equals("dbname") ? "database" : name, option.substring(equals + 1));
        }
    }

    private void put(String key, String encoded) throws Malformed {
        String value = decode(encoded);
        if (!value.isEmpty()) {
            parts.put(key, value);
        }
    }

    /** Percent-decoding alone: a plus sign is a plus sign. */
    private static String decode(String text) throws Malformed {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int position = 0;
        while (position < text.length()) {
            int percent = text.indexOf('%', position);
            int end = percent < 0 ? text.length() : percent;
            bytes.writeBytes(text.substring(position, end).getBytes(StandardCharsets.UTF_8));
            position = end;
            if (percent >= 0) {
                bytes.write(hexByte(text, percent + 1));
                position = percent + 3;
            }
        }
        return utf8(bytes.toByteArray());
    }

    private static int hexByte(String text, int start) throws Malformed {
        int high = start < text.length() ? Character.digit(text.charAt(start), 16) : -1;
        int low = start + 1 < text.length() ? Character.digit(text.charAt(start + 1), 16) : -1;
        int value = high * 16 + low;
        if (high < 0 || low < 0 || value == 0) {
            throw new Malformed("a % in the URL is not followed by two hexadecimal digits; a plain % is written %25");
        }
        return value;
    }

    private static String utf8(byte[] bytes) throws Malformed {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("the percent-encoded bytes in the URL are not UTF-8");
        }
    }
}
