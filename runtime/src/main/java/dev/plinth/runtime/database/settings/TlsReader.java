package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.TlsSettings.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Reads how a connection is encrypted and checked: {@code ssl} as Node's driver has it, {@code sslmode} and its files as libpq has
 * them. When both are given they must agree.
 */
final class TlsReader {

    private static final List<String> MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    /** The name that Node's driver has for encryption without any check. */
    private static final String NO_VERIFY = "no-verify";

    private static final String SYSTEM = "system";
    private static final Set<String> SSL_KEYS = Set.of("ca", "cert", "key", "rejectUnauthorized", "servername");

    private final PostgresConnection connection;
    private final Reader reader;
    private final Path workingDirectory;
    private final Layered ssl;
    private final Layered sslmode;
    private final Layered rootCertificate;

    TlsReader(PostgresConnection connection, Reader reader, Path workingDirectory) {
        this.connection = connection;
        this.reader = reader;
        this.workingDirectory = workingDirectory;
        this.ssl = connection.configured().child("ssl");
        // A variable fills what is left out, so it cannot contradict a configured ssl.
        this.sslmode = ssl.isPresent() ? connection.configured().child("sslmode") : connection.setting("sslmode");
        this.rootCertificate = connection.setting("sslrootcert");
    }

    /** Over a Unix socket nothing is encrypted, as in libpq: the bytes never leave the machine's own kernel. */
    TlsSettings read(boolean overSocket) {
        Mode mode = mode();
        warnOfTheRest();
        if (overSocket) {
            reader.origin("tls", "not used over a Unix socket");
        }
        return overSocket || mode == Mode.DISABLE ? TlsSettings.DISABLED : encrypted(mode);
    }

    private TlsSettings encrypted(Mode mode) {
        Optional<String> ca = certificate("ssl.ca", ssl.child("ca"), rootCertificate);
        Optional<String> cert = certificate("ssl.cert", ssl.child("cert"), connection.setting("sslcert"));
        Optional<Secret> key = key();
        if (cert.isPresent() != key.isPresent()) {
            reader.warning(ssl.value(), "contradiction", "a client certificate and its key come together", "give both");
        }
        if (rootCertificate.isPresent() && mode.compareTo(Mode.VERIFY_CA) < 0) {
            reader.warning(
                    rootCertificate.value(),
                    "without-effect",
                    "has no effect: sslmode " + mode.word() + " checks no certificate",
                    "set sslmode to verify-full");
        }
        return new TlsSettings(mode, ca, cert, key, reader.text("ssl.servername", ssl.child("servername")));
    }

    private Mode mode() {
        Optional<Mode> byWord = sslmode();
        Optional<Mode> byObject = ssl();
        if (byWord.isPresent() && byObject.isPresent() && !agree(byWord.get(), byObject.get())) {
            reader.error(
                    sslmode.value(),
                    "contradiction",
                    "sslmode " + byWord.get().word() + " and ssl, which means "
                            + byObject.get().word() + ", disagree",
                    "give one of them");
        }
        reader.origin("tls", originOfMode());
        Mode mode = byWord.or(() -> byObject).orElse(usesSystemStore() ? Mode.VERIFY_FULL : Mode.PREFER);
        if (usesSystemStore() && mode != Mode.VERIFY_FULL) {
            reader.error(
                    rootCertificate.value(),
                    "contradiction",
                    "sslrootcert system needs sslmode verify-full, not " + mode.word(),
                    "");
        }
        return mode;
    }

    private String originOfMode() {
        if (sslmode.isPresent()) {
            return reader.origins().getOrDefault("sslmode", "");
        }
        return reader.origins().getOrDefault("ssl", "default");
    }

    private Optional<Mode> sslmode() {
        if (isNoVerify()) {
            reader.text("sslmode", sslmode);
            reader.originOf("ssl.rejectUnauthorized", sslmode);
            return Optional.of(Mode.REQUIRE);
        }
        return reader.choice("sslmode", sslmode, "invalid-type", MODES)
                .map(word -> Mode.valueOf(word.replace('-', '_').toUpperCase(Locale.ROOT)))
                // As in libpq: whoever hands over a certificate wants it checked.
                .map(mode -> mode == Mode.REQUIRE && givesRootCertificate() ? Mode.VERIFY_CA : mode);
    }

    private boolean givesRootCertificate() {
        return ssl.child("ca").isPresent() || (rootCertificate.isPresent() && !usesSystemStore());
    }

    private boolean isNoVerify() {
        return NO_VERIFY.equals(sslmode.value().toPlain());
    }

    private Optional<Mode> ssl() {
        if (ssl.isObject()) {
            reader.originOf("ssl", ssl);
            reader.originOf("ssl.object", ssl);
            boolean checked = reader.bool("ssl.rejectUnauthorized", ssl.child("rejectUnauthorized"), true);
            return Optional.of(checked ? Mode.VERIFY_FULL : Mode.REQUIRE);
        }
        return reader.bool("ssl", ssl).map(on -> on ? Mode.VERIFY_FULL : Mode.DISABLE);
    }

    /** An object that does not speak of checking leaves it to sslmode, as long as that means TLS at all. */
    private boolean agree(Mode byWord, Mode byObject) {
        boolean silent = ssl.isObject() && !ssl.child("rejectUnauthorized").isPresent();
        boolean checkedBoth = byWord == Mode.VERIFY_CA && ssl.isObject() && byObject == Mode.VERIFY_FULL;
        return byWord == byObject || checkedBoth || (silent && byWord == Mode.REQUIRE);
    }

    private boolean usesSystemStore() {
        return SYSTEM.equals(rootCertificate.value().toPlain());
    }

    private Optional<String> certificate(String name, Layered text, Layered file) {
        Optional<String> pem = pem(name, text);
        if (pem.isPresent() || SYSTEM.equals(file.value().toPlain())) {
            pem.filter(given -> !given.contains("-----BEGIN")).ifPresent(given -> warnOfWhatIsNotPem(text.value()));
            return pem;
        }
        return reader.text(name, file).flatMap(path -> contents(file.value(), path));
    }

    /** A text, or a list of texts as Node's driver takes it. */
    private Optional<String> pem(String name, Layered text) {
        if (!text.value().isPresent() || text.value().isText()) {
            return reader.text(name, text);
        }
        reader.originOf(name, text);
        List<String> texts = text.value().items(reader.collector()).stream()
                .flatMap(item -> item.string(reader.collector()).stream())
                .toList();
        return texts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", texts));
    }

    private Optional<Secret> key() {
        Optional<Secret> pem = reader.secret("ssl.key", ssl.child("key"));
        if (pem.isPresent()) {
            pem.filter(given -> !given.reveal().contains("-----BEGIN"))
                    .ifPresent(given -> warnOfWhatIsNotPem(ssl.child("key").value()));
            return pem;
        }
        Layered file = connection.setting("sslkey");
        return reader.text("ssl.key", file)
                .flatMap(path -> contents(file.value(), path))
                .map(Secret::new);
    }

    private void warnOfWhatIsNotPem(Config place) {
        reader.warning(place, "not-pem", "not a PEM text", "for a file write {$file: <path>}");
    }

    private Optional<String> contents(Config place, String path) {
        try {
            return Optional.of(Files.readString(workingDirectory.resolve(path)));
        } catch (IOException | InvalidPathException e) {
            reader.error(place, "file-not-found", "cannot read the file \"" + path + "\"", "");
            return Optional.empty();
        }
    }

    private void warnOfTheRest() {
        for (Config place : ssl.present()) {
            place.children().stream()
                    .filter(key -> key.isPresent() && !SSL_KEYS.contains(key.name()))
                    .forEach(key ->
                            reader.warning(key, "without-effect", "has no effect: not a setting of ssl here", ""));
        }
    }
}
