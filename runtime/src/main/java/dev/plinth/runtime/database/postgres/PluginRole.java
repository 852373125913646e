package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The login role that a plugin has for itself. Name and password are derived, so that all instances arrive at the same.
 *
 * @param place whose role it is; two places never share a role
 */
record PluginRole(String name, String place, Secret password) {

    private static final int MAX_NAME_BYTES = 63;
    private static final int HASH_DIGITS = 16;
    private static final int SCRAM_ITERATIONS = 4096;
    private static final int SCRAM_KEY_BITS = 256;
    private static final int SCRAM_SALT_BYTES = 16;

    /** Named after its database, and its schema where it has one. */
    static PluginRole of(PostgresSettings settings, Secret isolationSecret) {
        String database = settings.effectiveDatabase();
        String name = settings.schema().map(schema -> database + "." + schema).orElse(database);
        String place = settings.schema()
                        .map(schema -> "schema " + Sql.identifier(schema) + " in ")
                        .orElse("") + "database " + Sql.identifier(database);
        byte[] key = isolationSecret.reveal().getBytes(StandardCharsets.UTF_8);
        byte[] derived = hmac(key, "plinth role password\0" + place);
        return new PluginRole(
                fit(name),
                place,
                new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(derived)));
    }

    /** PostgreSQL cuts longer names; the hash keeps what was cut off apart. */
    private static String fit(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES) {
            return name;
        }
        String hash = HexFormat.of()
                .formatHex(sha256(name.getBytes(StandardCharsets.UTF_8)))
                .substring(0, HASH_DIGITS);
        String start = name;
        while (start.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES - HASH_DIGITS - 1) {
            start = start.substring(0, start.offsetByCodePoints(start.length(), -1));
        }
        return start + "_" + hash;
    }

    /** What the comment on the role says, so that a role which somebody else made is never taken over. */
    String mark() {
        return "made by plinth for " + place;
    }

    /** What the server keeps in place of the password, so that the password itself is never in a statement or a log. */
    String verifier() {
        byte[] salt =
                Arrays.copyOf(sha256((place + password.reveal()).getBytes(StandardCharsets.UTF_8)), SCRAM_SALT_BYTES);
        byte[] salted = pbkdf2(password.reveal(), salt);
        byte[] storedKey = sha256(hmac(salted, "Client Key"));
        byte[] serverKey = hmac(salted, "Server Key");
        Base64.Encoder base64 = Base64.getEncoder();
        return "SCRAM-SHA-256$" + SCRAM_ITERATIONS + ":" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(storedKey) + ":" + base64.encodeToString(serverKey);
    }

    private static byte[] pbkdf2(String password, byte[] salt) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, SCRAM_ITERATIONS, SCRAM_KEY_BITS))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JVM has PBKDF2", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JVM has HMAC", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
