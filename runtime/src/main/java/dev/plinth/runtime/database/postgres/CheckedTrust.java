package dev.plinth.runtime.database.postgres;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts whom another trusts, if the certificate is for the given name too, and remembers why it refused: of a failed handshake
 * the driver only tells that it failed.
 *
 * @param name empty when any name will do
 */
record CheckedTrust(TrustOptions trust, Optional<String> name, AtomicReference<@Nullable CertificateException> refusal)
        implements TrustOptions {

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    @Override
    public TrustOptions copy() {
        return this;
    }

    @Override
    public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
        TrustManager[] managers = trust.getTrustManagerFactory(vertx).getTrustManagers();
        X509TrustManager manager = (X509TrustManager) Arrays.stream(managers)
                .filter(X509TrustManager.class::isInstance)
                .findFirst()
                .orElseThrow();
        return TrustOptions.wrap(new CheckingManager(manager)).getTrustManagerFactory(vertx);
    }

    @Override
    public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
        TrustManager[] managers = getTrustManagerFactory(vertx).getTrustManagers();
        return server -> managers;
    }

    private final class CheckingManager implements X509TrustManager {

        private final X509TrustManager manager;

        CheckingManager(X509TrustManager manager) {
            this.manager = manager;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            manager.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            try {
                manager.checkServerTrusted(chain, authType);
                // The JVM does not look at the dates of a certificate that is itself among those to trust.
                chain[0].checkValidity();
                if (name.isPresent() && !isFor(chain[0], name.get())) {
                    throw new CertificateException("it is not for " + name.get());
                }
            } catch (CertificateException e) {
                refusal.set(e);
                throw e;
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return manager.getAcceptedIssuers();
        }
    }

    /** As libpq does: the common name counts only when there are no alternative names. */
    private static boolean isFor(X509Certificate certificate, String name) throws CertificateException {
        String wanted = normal(name);
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        return alternatives == null
                ? matchesName(commonName(certificate), wanted)
                : alternatives.stream().anyMatch(alternative -> matches(alternative, wanted));
    }

    private static boolean matches(List<?> alternative, String wanted) {
        int type = (Integer) alternative.get(0);
        String value = String.valueOf(alternative.get(1));
        return type == DNS_NAME
                ? matchesName(value, wanted)
                : type == IP_ADDRESS && normal(value).equals(wanted);
    }

    /** A star stands for one whole label, the first. */
    private static boolean matchesName(String value, String wanted) {
        String pattern = normal(value);
        int dot = wanted.indexOf('.');
        return pattern.equals(wanted)
                || (dot > 0 && pattern.startsWith("*.") && pattern.substring(1).equals(wanted.substring(dot)));
    }

    private static String commonName(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> String.valueOf(part.getValue()))
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException e) {
            return "";
        }
    }

    /** One form for the many of an IPv6 address. */
    private static String normal(String name) {
        if (!name.contains(":")) {
            return name.toLowerCase(Locale.ROOT);
        }
        try {
            return InetAddress.getByName(name).getHostAddress(); // a literal: no look-up
        } catch (UnknownHostException e) {
            return name;
        }
    }
}
