package dev.plinth.runtime.database.postgres;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts whom another trusts, if the certificate is also for the given name, which need not be the address connected to.
 */
record NamedTrust(TrustOptions trust, String name) implements TrustOptions {

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    @Override
    public TrustOptions copy() {
        return this;
    }

    @Override
    public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
        TrustManager[] managers = trust.getTrustManagerFactory(vertx).getTrustManagers();
        return TrustOptions.wrap(named(managers)).getTrustManagerFactory(vertx);
    }

    @Override
    public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
        TrustManager[] managers = getTrustManagerFactory(vertx).getTrustManagers();
        return server -> managers;
    }

    private TrustManager named(TrustManager[] managers) {
        X509TrustManager first = (X509TrustManager) Arrays.stream(managers)
                .filter(X509TrustManager.class::isInstance)
                .findFirst()
                .orElseThrow();
        return new NamedTrustManager(first, name);
    }

    private record NamedTrustManager(X509TrustManager manager, String name) implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            manager.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            manager.checkServerTrusted(chain, authType);
            if (!isFor(chain[0])) {
                throw new CertificateException("the certificate is not for " + name);
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return manager.getAcceptedIssuers();
        }

        private boolean isFor(X509Certificate certificate) throws CertificateException {
            if (certificate.getSubjectAlternativeNames() == null) {
                return false;
            }
            return certificate.getSubjectAlternativeNames().stream().anyMatch(this::matches);
        }

        private boolean matches(List<?> alternative) {
            int type = (Integer) alternative.get(0);
            String pattern = String.valueOf(alternative.get(1)).toLowerCase(Locale.ROOT);
            String wanted = name.toLowerCase(Locale.ROOT);
            return switch (type) {
                case DNS_NAME -> pattern.equals(wanted) || matchesWildcard(pattern, wanted);
                case IP_ADDRESS -> pattern.equals(wanted);
                default -> false;
            };
        }

        /** A star stands for one whole label, the first. */
        private static boolean matchesWildcard(String pattern, String wanted) {
            int dot = wanted.indexOf('.');
            return dot > 0 && pattern.startsWith("*.") && pattern.substring(1).equals(wanted.substring(dot));
        }
    }
}
