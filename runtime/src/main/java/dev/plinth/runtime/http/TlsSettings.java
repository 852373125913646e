package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.config.Secret;
import java.net.URI;
import java.util.Optional;

/**
 * With what the server speaks TLS.
 *
 * @param certificate the chain, PEM; the server's own comes first
 * @param key its private key, PEM
 */
public record TlsSettings(String certificate, Secret key) {

    /** For a development server whose configuration names none. */
    private static final String DEVELOPMENT_HOST = "localhost";

    private static final String PEM = "-----BEGIN ";

    public TlsSettings {
        if (!certificate.contains(PEM + "CERTIFICATE-----")) {
            throw new IllegalArgumentException("the certificate is not PEM");
        }
        if (!key.reveal().contains(PEM) || !key.reveal().contains("PRIVATE KEY-----")) {
            throw new IllegalArgumentException("the key is not PEM");
        }
    }

    /** Reads {@code backend.https}: an object with {@code certificate.cert} and {@code .key}, or {@code true}. */
    static Optional<TlsSettings> read(Config backend, Problems problems) {
        Config https = backend.at("https");
        if (!https.isPresent()) {
            return Optional.empty();
        }
        if (https.isObject()) {
            return ofPem(https.at("certificate"), problems);
        }
        return https.bool(problems).filter(on -> on).map(on -> SelfSigned.forHost(host(backend.at("baseUrl"))));
    }

    private static Optional<TlsSettings> ofPem(Config pair, Problems problems) {
        Optional<String> certificate = pem(pair.at("cert"), "CERTIFICATE", problems);
        Optional<String> key = pem(pair.at("key"), "PRIVATE KEY", problems);
        return certificate.isPresent() && key.isPresent()
                ? Optional.of(new TlsSettings(certificate.get(), new Secret(key.get())))
                : Optional.empty();
    }

    private static Optional<String> pem(Config config, String what, Problems problems) {
        Optional<String> text = config.isText() ? config.secret().map(Secret::reveal) : Optional.empty();
        if (text.filter(pem -> pem.contains(PEM) && pem.contains(what + "-----"))
                .isEmpty()) {
            // Not wrongType(), which would print the value.
            problems.add(config.problem(
                    config.isPresent() ? "invalid-value" : "missing",
                    "expected a PEM text that holds a " + what,
                    "name its file: " + config.name() + ": {$file: path/of/it.pem}"));
            return Optional.empty();
        }
        return text;
    }

    private static String host(Config baseUrl) {
        try {
            return baseUrl.string().map(url -> URI.create(url).getHost()).orElse(DEVELOPMENT_HOST);
        } catch (IllegalArgumentException notAUrl) {
            return DEVELOPMENT_HOST;
        }
    }
}
