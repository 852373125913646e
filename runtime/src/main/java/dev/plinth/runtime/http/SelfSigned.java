package dev.plinth.runtime.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.plinth.runtime.config.Secret;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/**
 * Makes a certificate that signs itself, for development. The JDK makes keys and signatures, but has no public way to put them
 * into a certificate; so the few fields of one are written here as X.509 (RFC 5280) has them.
 */
final class SelfSigned {

    private static final Duration VALID = Duration.ofDays(30);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_ID = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final byte[] ECDSA_WITH_SHA256 =
            der(OBJECT_ID, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});
    private static final byte[] COMMON_NAME = der(OBJECT_ID, new byte[] {0x55, 4, 3});
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = der(OBJECT_ID, new byte[] {0x55, 0x1d, 0x11});

    private SelfSigned() {}

    static TlsSettings forHost(String host) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new TlsSettings(
                    pem("CERTIFICATE", certificate(host, pair)),
                    new Secret(pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot make a certificate", e);
        }
    }

    private static byte[] certificate(String host, KeyPair pair) throws GeneralSecurityException {
        byte[] algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
        byte[] content = der(
                SEQUENCE,
                der(VERSION, der(INTEGER, new byte[] {2})),
                der(INTEGER, serial()),
                algorithm,
                name(host),
                validity(),
                name(host),
                pair.getPublic().getEncoded(),
                der(EXTENSIONS, der(SEQUENCE, alternativeNames(host))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(content);
        return der(SEQUENCE, content, algorithm, der(BIT_STRING, new byte[1], signature.sign()));
    }

    private static byte[] serial() {
        byte[] serial = new byte[16];
        new SecureRandom().nextBytes(serial);
        // Positive, and without a leading zero.
        serial[0] = (byte) ((serial[0] & 0x3f) | 0x40);
        return serial;
    }

    private static byte[] name(String host) {
        return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, host.getBytes(US_ASCII)))));
    }

    private static byte[] validity() {
        Instant now = Instant.now();
        return der(SEQUENCE, time(now.minus(Duration.ofHours(1))), time(now.plus(VALID)));
    }

    private static byte[] time(Instant instant) {
        return der(UTC, UTC_TIME.format(instant).getBytes(US_ASCII));
    }

    /** The host, and this machine by its usual names. */
    private static byte[] alternativeNames(String host) {
        byte[] names = der(
                SEQUENCE,
                alternativeName(host),
                alternativeName("localhost"),
                alternativeName("127.0.0.1"),
                alternativeName("::1"));
        return der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, names));
    }

    private static byte[] alternativeName(String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address == null ? der(DNS_NAME, host.getBytes(US_ASCII)) : der(IP_ADDRESS, address);
    }

    private static String pem(String what, byte[] der) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        writeLength(whole, content.size());
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }

    private static void writeLength(ByteArrayOutputStream target, int length) {
        if (length < 0x80) {
            target.write(length);
        } else if (length < 0x100) {
            target.write(0x81);
            target.write(length);
        } else {
            target.write(0x82);
            target.write(length >> 8);
            target.write(length);
        }
    }
}
