package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.TlsSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Adds to the driver's options what libpq's modes ask for. The driver's own fall-back modes are never used: they fall back too readily. */
final class PgTls {

    private PgTls() {}

    /** The options of an encrypted attempt. */
    static PgConnectOptions encrypted(PgConnectOptions options, TlsSettings tls) {
        ClientSSLOptions ssl = new ClientSSLOptions();
        tls.cert().ifPresent(cert -> ssl.setKeyCertOptions(keyCert(tls, cert)));
        return switch (tls.mode()) {
            case DISABLE, ALLOW, PREFER, REQUIRE ->
                with(options, SslMode.REQUIRE, ssl.setTrustAll(true).setHostnameVerificationAlgorithm(""));
            case VERIFY_CA ->
                with(
                        options,
                        SslMode.VERIFY_CA,
                        ssl.setTrustOptions(trust(tls, null)).setHostnameVerificationAlgorithm(""));
            case VERIFY_FULL -> verifyFull(options, tls, ssl);
        };
    }

    private static PgConnectOptions verifyFull(PgConnectOptions options, TlsSettings tls, ClientSSLOptions ssl) {
        String name = tls.servername().orElse(null);
        ssl.setTrustOptions(trust(tls, name));
        // The JVM's own check compares with the address connected to; another name is checked by our trust manager.
        return name == null
                ? with(options, SslMode.VERIFY_FULL, ssl.setHostnameVerificationAlgorithm("HTTPS"))
                : with(options, SslMode.VERIFY_CA, ssl.setHostnameVerificationAlgorithm(""));
    }

    private static PgConnectOptions with(PgConnectOptions options, SslMode mode, ClientSSLOptions ssl) {
        return new PgConnectOptions(options).setSslMode(mode).setSslOptions(ssl);
    }

    private static PemKeyCertOptions keyCert(TlsSettings tls, String cert) {
        PemKeyCertOptions options = new PemKeyCertOptions().setCertValue(Buffer.buffer(cert));
        tls.key().ifPresent(key -> options.setKeyValue(Buffer.buffer(key.reveal())));
        return options;
    }

    private static TrustOptions trust(TlsSettings tls, @Nullable String name) {
        TrustOptions trust = tls.ca()
                .<TrustOptions>map(ca -> new PemTrustOptions().addCertValue(Buffer.buffer(ca)))
                .orElseGet(PgTls::jvmTrust);
        return name == null ? trust : new NamedTrust(trust, name);
    }

    private static TrustOptions jvmTrust() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return TrustOptions.wrap(factory);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JVM has no trust store", e);
        }
    }
}
