package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static dev.plinth.runtime.database.postgres.PgFixture.failure;
import static dev.plinth.runtime.database.postgres.PgFixture.pool;
import static dev.plinth.runtime.database.postgres.PgFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.plugin.DatabaseUnavailableException;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.TlsSettings.Mode;
import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.PostgresExtension;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** libpq's six modes, against a server with TLS and one without. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsIT {

    private final PostgresExtension.Server plain;
    private EmbeddedPostgres server;
    private String certificate;
    private String otherCertificate;
    private Vertx vertx;

    TlsIT(PostgresExtension.Server plain) {
        this.plain = plain;
    }

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path key = directory.resolve("server.key");
        Path cert = directory.resolve("server.crt");
        certificate = make(directory.resolve("server.p12"), cert, key, "SAN=ip:127.0.0.1,dns:*.db.example");
        otherCertificate = make(
                directory.resolve("other.p12"),
                directory.resolve("other.crt"),
                directory.resolve("other.key"),
                "SAN=dns:x");
        server = serve(cert, key);
        insist();
    }

    private static EmbeddedPostgres serve(Path cert, Path key) throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", "'" + cert + "'")
                .setServerConfig("ssl_key_file", "'" + key + "'")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start();
    }

    /** A self-signed certificate, by the JDK's own tool. */
    private static String make(Path store, Path cert, Path key, String names, String... more) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = new ArrayList<>(List.of(
                keytool,
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "RSA",
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                store.toString(),
                "-dname",
                "CN=test",
                "-ext",
                names));
        command.addAll(more.length > 0 ? List.of(more) : List.of("-validity", "30"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        String text = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        Files.writeString(cert, text);
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                key, pem("PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded()));
        return text;
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END " + what + "-----\n";
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    /** A user whom the server lets in over TLS alone. */
    private void insist() throws Exception {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW hba_file")) {
            rows.next();
            Path rules = Path.of(rows.getString(1));
            Files.writeString(rules, "hostnossl all insisting all reject\n" + Files.readString(rules));
            statement.execute("CREATE ROLE insisting LOGIN");
            statement.execute("SELECT pg_reload_conf()");
        }
    }

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    /** Whether the session is encrypted, as the server sees it. */
    private Object encrypted(int port, TlsSettings tls) {
        return encrypted("postgres", port, tls);
    }

    private Object encrypted(String user, int port, TlsSettings tls) {
        return encrypted(connections(), user, port, tls);
    }

    private static Object encrypted(PgConnections connections, String user, int port, TlsSettings tls) {
        SqlConnection connection = await(connect(connections, user, port, tls));
        Object encrypted = value(await(connection
                .query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                .execute()));
        await(connection.close());
        return encrypted;
    }

    private io.vertx.core.Future<SqlConnection> connect(int port, TlsSettings tls) {
        return connect("postgres", port, tls);
    }

    private io.vertx.core.Future<SqlConnection> connect(String user, int port, TlsSettings tls) {
        return connect(connections(), user, port, tls);
    }

    private PgConnections connections() {
        return new PgConnections(vertx, PgCredentials.CONFIGURED, PgPoolOptions.of("tls"));
    }

    private static io.vertx.core.Future<SqlConnection> connect(
            PgConnections connections, String user, int port, TlsSettings tls) {
        return connections.connect(
                PgFixture.settings("todo", port, user, Optional.empty(), pool(1), tls, Optional.empty()));
    }

    private static TlsSettings tls(Mode mode, String ca, String name) {
        return new TlsSettings(
                mode, Optional.ofNullable(ca), Optional.empty(), Optional.empty(), Optional.ofNullable(name));
    }

    @ParameterizedTest
    @CsvSource({"DISABLE, false", "ALLOW, false", "PREFER, true", "REQUIRE, true"})
    void encryptsWhereTheModeAsksForItAndTheServerOffersIt(Mode mode, boolean expected) {
        assertThat(encrypted(server.getPort(), tls(mode, null, null))).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"DISABLE", "ALLOW", "PREFER"})
    void goesOnInClearTextWhereTheModeAllowsItAndTheServerHasNoTls(Mode mode) {
        assertThat(encrypted(plain.port(), tls(mode, null, null))).isEqualTo(false);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"REQUIRE", "VERIFY_CA", "VERIFY_FULL"})
    void refusesClearTextWhereTheModeForbidsIt(Mode mode) {
        assertThat(failure(connect(plain.port(), tls(mode, certificate, null))))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("does not speak TLS")
                .hasMessageContaining("sslmode");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"VERIFY_CA", "VERIFY_FULL"})
    void acceptsATrustedCertificateForTheHost(Mode mode) {
        assertThat(encrypted(server.getPort(), tls(mode, certificate, null))).isEqualTo(true);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"VERIFY_CA", "VERIFY_FULL"})
    void refusesACertificateThatItDoesNotTrust(Mode mode) {
        assertThat(failure(connect(server.getPort(), tls(mode, otherCertificate, null))))
                .hasMessageContaining("not trusted")
                .hasMessageContaining("ssl.ca");
        assertThat(failure(connect(server.getPort(), tls(mode, null, null)))).hasMessageContaining("not trusted");
    }

    @Test
    void comparesTheCertificateWithTheNameThatIsConfigured() {
        assertThat(encrypted(server.getPort(), tls(Mode.VERIFY_FULL, certificate, "one.db.example")))
                .isEqualTo(true);
        assertThat(failure(connect(server.getPort(), tls(Mode.VERIFY_FULL, certificate, "two.one.db.example"))))
                .hasMessageContaining("for another host")
                .hasMessageContaining("two.one.db.example");
    }

    @Test
    void saysAtOnceWhichCertificateOrKeyCannotBeRead() {
        Secret key = new Secret("-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----");
        assertThat(failure(connect(server.getPort(), tls(Mode.VERIFY_FULL, "nonsense", null))))
                .hasMessageContaining(": cannot read backend.database.connection.ssl.ca: ")
                .hasMessageEndingWith("; put the text of a PEM file there");
        assertThat(failure(connect(server.getPort(), client(Optional.of(certificate), Optional.of(key)))))
                .hasMessageContaining(": cannot read backend.database.connection.ssl.cert and .key: ");
        assertThat(failure(connect(server.getPort(), client(Optional.of(certificate), Optional.empty()))))
                .hasMessageEndingWith(
                        ": a client certificate and its key come together; set backend.database.connection.ssl.key");
    }

    private static TlsSettings client(Optional<String> certificate, Optional<Secret> key) {
        return new TlsSettings(Mode.REQUIRE, Optional.empty(), certificate, key, Optional.empty());
    }

    @Test
    void tellsThatACertificateHasExpired(@TempDir Path other) throws Exception {
        String expired = make(
                other.resolve("expired.p12"),
                other.resolve("expired.crt"),
                other.resolve("expired.key"),
                "SAN=ip:127.0.0.1",
                "-startdate",
                "-3d",
                "-validity",
                "1");
        try (EmbeddedPostgres stale = serve(other.resolve("expired.crt"), other.resolve("expired.key"))) {
            assertThat(failure(connect(stale.getPort(), tls(Mode.VERIFY_FULL, expired, null))))
                    .hasMessageContaining("the server's certificate has expired: NotAfter: ")
                    .hasMessageEndingWith("; renew it there");
        }
    }

    @Test
    void entersAServerThatInsistsOnTlsUnlessTlsIsSwitchedOff() {
        assertThat(failure(connect("insisting", server.getPort(), TlsSettings.DISABLED)))
                .isInstanceOf(DatabaseUnavailableException.class)
                .hasMessageContaining("plugin 'todo': cannot connect to insisting@127.0.0.1:" + server.getPort()
                        + "/postgres: pg_hba.conf rejects connection")
                .hasMessageEndingWith("(28000); add a line there that lets this user in from here, or see that"
                        + " backend.database.connection.user and backend.database.connection.ssl are as the"
                        + " server wants them");
        for (Mode mode : new Mode[] {Mode.ALLOW, Mode.PREFER, Mode.REQUIRE}) {
            assertThat(encrypted("insisting", server.getPort(), tls(mode, null, null)))
                    .isEqualTo(true);
        }
    }

    @Test
    void asksAServerForTlsOnceForSeveralConnectionsAndAgainWhenTheAnswerIsOutdated() {
        TlsSettings prefer = tls(Mode.PREFER, null, null);
        PgConnections connections = connections();
        try (FreezableProxy proxy = new FreezableProxy(plain.port())) {
            for (int i = 0; i < 3; i++) {
                assertThat(encrypted(connections, "postgres", proxy.port(), prefer))
                        .isEqualTo(false);
            }
            assertThat(proxy.accepted()).isEqualTo(4);

            proxy.redirect(server.getPort());
            assertThat(encrypted(connections, "insisting", proxy.port(), prefer))
                    .isEqualTo(true);
            assertThat(encrypted(connections, "postgres", proxy.port(), prefer)).isEqualTo(true);

            proxy.redirect(plain.port());
            assertThat(encrypted(connections, "postgres", proxy.port(), prefer)).isEqualTo(false);
        }
    }
}
