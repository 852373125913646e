package dev.plinth.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** With what the server proves who it is. Thread-safe. */
final class Certificates {

    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
    private static final byte[] PROBE = new byte[32];

    private Certificates() {}

    static PemKeyCertOptions options(TlsSettings tls) {
        return new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(tls.certificate()))
                .addKeyValue(Buffer.buffer(tls.key().reveal()));
    }

    /**
     * Blocks. TLS would notice only when somebody connects, and a renewal may have written only one of the two files yet.
     *
     * @throws IllegalArgumentException when they cannot be read, or are no pair
     */
    static void check(Vertx vertx, TlsSettings tls) {
        try {
            X509Certificate certificate = first(tls);
            PrivateKey key = key(vertx, tls, certificate.getPublicKey().getAlgorithm());
            if (!belongTogether(certificate, key)) {
                throw new IllegalArgumentException("backend.https.certificate: cert and key are no pair");
            }
            warnWhenExpired(certificate);
            prepare(vertx, tls);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Exception e) {
            // Vert.x declares no less. The text may hold what it could not read of the key.
            throw new IllegalArgumentException(
                    "backend.https.certificate: cert and key cannot be read ("
                            + e.getClass().getSimpleName() + "); both must be PEM, the key without a password",
                    e);
        }
    }

    private static X509Certificate first(TlsSettings tls) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(tls.certificate().getBytes(UTF_8)));
    }

    private static PrivateKey key(Vertx vertx, TlsSettings tls, String algorithm) throws Exception {
        return Arrays.stream(options(tls).getKeyManagerFactory(vertx).getKeyManagers())
                .map(X509KeyManager.class::cast)
                .flatMap(manager -> Stream.ofNullable(manager.getServerAliases(algorithm, null))
                        .flatMap(Arrays::stream)
                        .map(manager::getPrivateKey))
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("no key"));
    }

    /** What Java makes at its first TLS takes a second, for which the first caller's connection would hold up all others. */
    private static void prepare(Vertx vertx, TlsSettings tls) throws Exception {
        SslContextBuilder.forServer(options(tls).getKeyManagerFactory(vertx))
                .sslProvider(SslProvider.JDK)
                .build();
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        Signature signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA" -> "EdDSA";
                    default -> "SHA256with" + key.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(PROBE);
        return signature.verify(signed);
    }

    private static void warnWhenExpired(X509Certificate certificate) throws GeneralSecurityException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            LOG.warn(
                    "the certificate of backend.https expired at {}",
                    certificate.getNotAfter().toInstant());
        }
    }
}
