package dev.plinth.runtime.database.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.Resolution;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.TlsSettings.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsResolutionTest {

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        'host': 'h'                                                    | PREFER
        'ssl': true                                                    | VERIFY_FULL
        'ssl': 'yes'                                                   | VERIFY_FULL
        'ssl': false                                                   | DISABLE
        'ssl': {}                                                      | VERIFY_FULL
        'ssl': {'rejectUnauthorized': 'false'}                         | REQUIRE
        'ssl': {'ca': 'x', 'rejectUnauthorized': false}                | REQUIRE
        'sslmode': 'disable'                                           | DISABLE
        'sslmode': 'allow'                                             | ALLOW
        'sslmode': 'prefer'                                            | PREFER
        'sslmode': 'require'                                           | REQUIRE
        'sslmode': 'no-verify'                                         | REQUIRE
        'sslmode': 'verify-ca'                                         | VERIFY_CA
        'sslmode': 'verify-full'                                       | VERIFY_FULL
        'sslmode': 'require', 'ssl': {'ca': 'x'}                       | VERIFY_CA
        'sslmode': 'verify-ca', 'ssl': {'ca': 'x'}                     | VERIFY_CA
        'sslmode': 'verify-full', 'ssl': true                          | VERIFY_FULL
        'sslmode': 'disable', 'ssl': false                             | DISABLE
        'sslmode': 'require', 'ssl': {'rejectUnauthorized': false}     | REQUIRE
        'sslrootcert': 'system'                                        | VERIFY_FULL
        'sslmode': 'verify-full', 'host': '/run/postgresql'            | DISABLE
        """)
    void everyWayToSayIt(String connection, Mode mode) {
        assertThat(tls("{" + connection + "}").mode()).isEqualTo(mode);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        'sslmode': 'disable', 'ssl': true
        'sslmode': 'require', 'ssl': true
        'sslmode': 'verify-ca', 'ssl': true
        'sslmode': 'prefer', 'ssl': {}
        'sslmode': 'require', 'ssl': false
        'sslmode': 'require', 'ssl': {'rejectUnauthorized': true}
        'sslmode': 'verify-full', 'ssl': {'rejectUnauthorized': false}
        """)
    void refusesContradictions(String connection) {
        Resolution resolution = Resolving.resolve("{'client': 'pg', 'connection': {" + connection + "}}");

        assertThat(resolution.error().map(Problem::code)).contains("contradiction");
    }

    @Test
    void aPluginAddsToTheSharedObject() {
        TlsSettings tls = Resolving.postgres(
                        "{'client': 'pg', 'connection': {'ssl': {'ca': 'base', 'servername': 's'}},"
                                + " 'plugin': {'todo': {'connection': {'ssl': {'rejectUnauthorized': false}}}}}")
                .tls();

        assertThat(tls)
                .isEqualTo(new TlsSettings(
                        Mode.REQUIRE, Optional.of("base"), Optional.empty(), Optional.empty(), Optional.of("s")));
    }

    @Test
    void aPluginsFalseReplacesTheSharedObject() {
        assertThat(Resolving.postgres("{'client': 'pg', 'connection': {'ssl': {'ca': 'base'}},"
                                + " 'plugin': {'todo': {'connection': {'ssl': false}}}}")
                        .tls())
                .isEqualTo(TlsSettings.DISABLED);
    }

    @Test
    void readsTheFilesThatAUrlOrAVariableNames(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("ca.pem"), "-----BEGIN CERTIFICATE----- ca");
        Files.writeString(directory.resolve("me.pem"), "-----BEGIN CERTIFICATE----- me");
        Files.writeString(directory.resolve("me.key"), "-----BEGIN PRIVATE KEY----- key");
        String database = "{'client': 'pg', 'connection': 'postgres://u@h?sslmode=verify-full&sslrootcert=ca.pem'}";

        PostgresSettings settings = (PostgresSettings) Resolving.resolver(
                        database, Map.of("PGSSLCERT", "me.pem", "PGSSLKEY", "me.key", "PGSSLROOTCERT", "no"), directory)
                .resolve("todo")
                .require();

        assertThat(settings.tls().ca()).contains("-----BEGIN CERTIFICATE----- ca");
        assertThat(settings.tls().cert()).contains("-----BEGIN CERTIFICATE----- me");
        assertThat(settings.tls().key()).contains(new Secret("-----BEGIN PRIVATE KEY----- key"));
    }

    @Test
    void doesNotReadCertificatesThatNothingUses() {
        assertThat(Resolving.postgres(
                                "{'client': 'pg', 'connection': {'ssl': false}}",
                                Map.of("PGSSLROOTCERT", "no/such.pem"))
                        .tls())
                .isEqualTo(TlsSettings.DISABLED);
    }

    @Test
    void takesSeveralCertificatesAsAList() {
        assertThat(tls("{'ssl': {'ca': ['a', 'b']}}").ca()).contains("a\nb");
    }

    private static TlsSettings tls(String connection) {
        return Resolving.postgres("{'client': 'pg', 'connection': " + connection + "}")
                .tls();
    }
}
