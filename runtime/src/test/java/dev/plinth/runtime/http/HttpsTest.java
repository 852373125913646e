package dev.plinth.runtime.http;

import static dev.plinth.runtime.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.testing.Configs;
import dev.plinth.runtime.testing.Futures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpsTest {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        Futures.await(vertx.close());
    }

    @Test
    void speaksHttp2AndTellsBrowsersToStayWithTls() throws Exception {
        TlsSettings tls = SelfSigned.forHost("my.host");
        HttpService http = server(tls);

        HttpResponse<String> response = get(trusting(tls), Futures.await(http.start()));

        assertThat(response.body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.headers().firstValue("strict-transport-security")).isPresent();
    }

    @Test
    void countsTheBytesOfAnswersOverHttp2() throws Exception {
        TlsSettings tls = SelfSigned.forHost("my.host");
        List<AnsweredRequest> answered = new CopyOnWriteArrayList<>();
        PluginSites sites = new PluginSites();
        Router router = Router.router(vertx);
        router.get("/long").handler(request -> request.response().end("x".repeat(2_000)));
        sites.serving("todo", List.of(new Endpoint(((VertxInternal) vertx).createEventLoopContext(), router, vertx)));
        HttpService http = new HttpService(
                vertx,
                HttpSettings.read(Configs.of(config(tls)), new Problems()),
                sites,
                () -> Future.succeededFuture(List.of()),
                answered::add);
        int port = Futures.await(http.start());

        for (int i = 0; i < 20; i++) {
            assertThat(get(trusting(tls), port, "/api/todo/long").statusCode()).isEqualTo(200);
        }

        eventually(() -> answered.size() == 20);
        assertThat(answered).extracting(AnsweredRequest::bytesWritten).containsOnly(2_000L);
    }

    @Test
    void makesACertificateForDevelopment() throws Exception {
        TlsSettings made = PublicServer.settings("{'https': true, 'baseUrl': 'https://dev.example.com:7007'}")
                .tls()
                .orElseThrow();

        X509Certificate certificate = (X509Certificate) certificate(made);

        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity();
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=dev.example.com");
        assertThat(certificate.getSubjectAlternativeNames())
                .anySatisfy(name -> Assertions.<Object>assertThat(name.get(1)).isEqualTo("dev.example.com"))
                .anySatisfy(name -> Assertions.<Object>assertThat(name.get(1)).isEqualTo("127.0.0.1"));
    }

    @Test
    void takesARenewedCertificateWithoutARestart() throws Exception {
        TlsSettings first = SelfSigned.forHost("localhost");
        TlsSettings second = SelfSigned.forHost("localhost");
        HttpService http = server(first);
        int port = Futures.await(http.start());
        assertThat(get(trusting(first), port).statusCode()).isEqualTo(200);

        http.configChanged(Configs.of(config(second)));

        HttpClient renewed = trusting(second);
        eventually(() -> isTrusted(renewed, port));
        assertThat(isTrusted(trusting(first), port)).isFalse();
    }

    @Test
    void keepsItsCertificateWhenTheNewOneIsNotComplete() throws Exception {
        TlsSettings first = SelfSigned.forHost("localhost");
        HttpService http = server(first);
        int port = Futures.await(http.start());
        TlsSettings halfWritten =
                new TlsSettings(SelfSigned.forHost("localhost").certificate(), first.key());

        http.configChanged(Configs.of(config(halfWritten)));
        http.configChanged(Configs.of(new JsonObject(
                Map.of("backend", Map.of("https", Map.of("certificate", Map.of("cert", "", "key", "")))))));

        assertThat(Futures.failure(vertx.executeBlocking(() -> {
                    Certificates.check(vertx, halfWritten);
                    return null;
                })))
                .hasMessage("backend.https.certificate: cert and key are no pair");
        assertThat(get(trusting(first), port).statusCode()).isEqualTo(200);
    }

    @Test
    void doesNotStartWithAKeyThatIsAnothers() throws Exception {
        TlsSettings wrong = new TlsSettings(
                SelfSigned.forHost("a").certificate(), SelfSigned.forHost("a").key());

        assertThat(Futures.failure(server(wrong).start())).hasMessageContaining("are no pair");
    }

    private HttpService server(TlsSettings tls) {
        HttpSettings settings = HttpSettings.read(Configs.of(config(tls)), new Problems());
        return new HttpService(
                vertx, settings, new PluginSites(), () -> Future.succeededFuture(List.of()), request -> assertThat(
                                request.status())
                        .isEqualTo(200));
    }

    private static JsonObject config(TlsSettings tls) {
        JsonObject pair = new JsonObject()
                .put("cert", tls.certificate())
                .put("key", tls.key().reveal());
        return new JsonObject()
                .put(
                        "backend",
                        new JsonObject()
                                .put("listen", "127.0.0.1:0")
                                .put("https", new JsonObject().put("certificate", pair)));
    }

    private static boolean isTrusted(HttpClient client, int port) throws Exception {
        try {
            return get(client, port).statusCode() == 200;
        } catch (SSLHandshakeException e) {
            return false;
        }
    }

    private static HttpResponse<String> get(HttpClient client, int port) throws Exception {
        return get(client, port, "/health/live");
    }

    private static HttpResponse<String> get(HttpClient client, int port, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + path))
                        .build(),
                BodyHandlers.ofString());
    }

    private static Certificate certificate(TlsSettings tls) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(tls.certificate().getBytes(US_ASCII)));
    }

    private static HttpClient trusting(TlsSettings tls) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        store.setCertificateEntry("it", certificate(tls));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
