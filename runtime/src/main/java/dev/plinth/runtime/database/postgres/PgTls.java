package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.TlsSettings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The options of one encrypted attempt, as libpq's modes ask for. The driver's own fall-back modes are never used: they fall back
 * too readily.
 */
record PgTls(PgConnectOptions options, AtomicReference<@Nullable CertificateException> refusal) {

    static PgTls of(PgConnectOptions options, TlsSettings tls) {
        AtomicReference<@Nullable CertificateException> refusal = new AtomicReference<>();
        // An empty algorithm: the name is compared by our own trust, which can also compare another name than the
        // host's.
        ClientSSLOptions ssl = new ClientSSLOptions().setHostnameVerificationAlgorithm("");
        tls.cert().ifPresent(cert -> ssl.setKeyCertOptions(keyCert(tls, cert)));
        SslMode mode = SslMode.VERIFY_CA;
        switch (tls.mode()) {
            case DISABLE, ALLOW, PREFER, REQUIRE -> {
                ssl.setTrustAll(true);
                mode = SslMode.REQUIRE;
            }
            case VERIFY_CA -> ssl.setTrustOptions(new CheckedTrust(trust(tls), Optional.empty(), refusal));
            case VERIFY_FULL -> {
                String name = tls.servername().orElse(options.getHost());
                ssl.setTrustOptions(new CheckedTrust(trust(tls), Optional.of(name), refusal));
            }
        }
        return new PgTls(new PgConnectOptions(options).setSslMode(mode).setSslOptions(ssl), refusal);
    }

    /** A certificate or key that cannot be used; the message says which and why. */
    static final class UnreadableException extends SSLException {

        private static final long serialVersionUID = 1L;

        UnreadableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The driver says nothing of certificates and keys that it cannot read, and waits for ever. */
    static void check(Vertx vertx, TlsSettings tls) throws UnreadableException {
        if (tls.cert().isPresent() != tls.key().isPresent()) {
            String missing = tls.cert().isPresent() ? "key" : "cert";
            throw new UnreadableException(
                    "a client certificate and its key come together; set " + PgErrors.CONNECTION_KEY + ".ssl."
                            + missing,
                    null);
        }
        if (tls.ca().isPresent()) {
            read("ca", () -> trust(tls).getTrustManagerFactory(vertx));
        }
        if (tls.cert().isPresent()) {
            read("cert and .key", () -> keyCert(tls, tls.cert().get()).getKeyManagerFactory(vertx));
        }
    }

    private static void read(String what, Callable<?> reading) throws UnreadableException {
        try {
            reading.call();
        } catch (Exception e) {
            throw new UnreadableException(
                    "cannot read " + PgErrors.CONNECTION_KEY + ".ssl." + what + ": " + e.getMessage()
                            + "; put the text of a PEM file there",
                    e);
        }
    }

    /** Why the handshake failed, which the driver does not tell. */
    Throwable explain(Throwable error) {
        CertificateException refused = refusal.get();
        if (refused != null) {
            return new SSLException(refused);
        }
        return "SSL handshake failed".equals(error.getMessage()) ? new SSLException(error) : error;
    }

    private static PemKeyCertOptions keyCert(TlsSettings tls, String cert) {
        PemKeyCertOptions options = new PemKeyCertOptions().setCertValue(Buffer.buffer(cert));
        tls.key().ifPresent(key -> options.setKeyValue(Buffer.buffer(key.reveal())));
        return options;
    }

    private static TrustOptions trust(TlsSettings tls) {
        return tls.ca()
                .<TrustOptions>map(ca -> new PemTrustOptions().addCertValue(Buffer.buffer(ca)))
                .orElseGet(JvmTrust::new);
    }

    /** The JVM's own trust store. Read when Vert.x asks for it, on a worker: it is a file. */
    private record JvmTrust() implements TrustOptions {

        @Override
        public TrustOptions copy() {
            return this;
        }

        @Override
        public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws GeneralSecurityException {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return factory;
        }

        @Override
        public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws GeneralSecurityException {
            TrustManager[] managers = getTrustManagerFactory(vertx).getTrustManagers();
            return server -> managers;
        }
    }
}
