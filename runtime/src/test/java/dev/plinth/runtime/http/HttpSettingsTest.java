package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.gate.RequestLimits;
import dev.plinth.runtime.testing.Configs;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {

    private final Problems problems = new Problems();

    @Test
    void hasDefaultsThatReachThisMachineOnly() {
        HttpSettings settings = read("{}");

        assertThat(settings)
                .isEqualTo(new HttpSettings(
                        new ListenSettings("127.0.0.1", 7007),
                        Optional.empty(),
                        new ServerLimits(
                                10 * 1024 * 1024,
                                16 * 1024,
                                10_000,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(60),
                                0,
                                0),
                        true,
                        settings.headers(),
                        Optional.empty(),
                        ProxyTrust.NONE,
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        Duration.ofSeconds(30),
                        Map.of(),
                        Set.of()));
        assertThat(settings.headers().toString())
                .contains("content-security-policy: default-src 'self';base-uri 'self';")
                .contains("referrer-policy: no-referrer")
                .contains("x-content-type-options: nosniff")
                .contains("x-frame-options: SAMEORIGIN")
                .doesNotContain("strict-transport-security");
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void readsEachSetting() {
        HttpSettings settings = read(
                """
                {"backend": {"listen": {"host": "::1", "port": 0},
                  "server": {"maxBodyBytes": 100, "maxHeaderBytes": 2000, "maxConnections": 5, "headersTimeout": "8s",
                    "idleTimeout": "1s", "requestTimeout": "2s", "compression": false,
                    "maxHeadersCount": 9, "maxRequestsPerSocket": 8},
                  "cors": {"origin": "https://*.a.com", "methods": ["GET"], "allowedHeaders": ["X-A"],
                    "exposedHeaders": ["X-B"], "credentials": true, "maxAge": 60},
                  "trustProxy": "loopback, 10.1.2.3",
                  "lifecycle": {"startupRequestPauseTimeout": "3s", "serverShutdownDelay": {"seconds": 4},
                    "shutdownTimeout": "PT5S"},
                  "plugins": {"toDo": {"maxConcurrentRequests": 6, "maxQueuedRequests": 7}}, "health": {"required": ["Todo"]}}}
                """);

        assertThat(settings)
                .isEqualTo(new HttpSettings(
                        new ListenSettings("::1", 0),
                        Optional.empty(),
                        new ServerLimits(
                                100,
                                2000,
                                5,
                                Duration.ofSeconds(8),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(1),
                                9,
                                8),
                        false,
                        settings.headers(),
                        Optional.of(new CorsSettings(
                                List.of(new CorsSettings.OriginPattern("https://*.a.com")),
                                List.of("GET"),
                                List.of("X-A"),
                                List.of("X-B"),
                                true,
                                Optional.of(60L))),
                        new ProxyTrust(0, settings.proxies().networks()),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        Map.of("todo", new RequestLimits(6, 7)),
                        Set.of("todo")));
        assertThat(settings.proxies().networks()).hasSize(3);
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void takesTimeoutsAsBackstageGivesThem() {
        ServerLimits limits =
                read("""
                        {"backend": {"server": {"headersTimeout": 1500, "requestTimeout": {"seconds": 3}, "keepAliveTimeout": 4000}}}
                        """)
                        .limits();

        assertThat(limits.headersTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(limits.requestTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(limits.idleTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(read("{\"backend\": {\"server\": {\"idleTimeout\": \"7s\", \"keepAliveTimeout\": 4000}}}")
                        .limits()
                        .idleTimeout())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void warnsOfKeysOfBackstageThatHaveNoEffect() {
        read("{\"backend\": {\"rateLimit\": {\"window\": \"1m\"}, \"server\": {\"timeout\": 5}}}");

        assertThat(problems.list())
                .noneMatch(Problem::isError)
                .extracting(Problem::key)
                .containsExactly("backend.server.timeout", "backend.rateLimit");
        assertThat(problems.list()).allMatch(problem -> problem.message().startsWith("has no effect: "));
    }

    @Test
    void reportsEachBadValueAtOnce() {
        read(
                """
                {"backend": {"listen": {"port": 70000},
                  "https": {"certificate": {"cert": "secret", "key": 5}},
                  "server": {"maxBodyBytes": -1, "maxHeaderBytes": 10, "maxConnections": 0, "headersTimeout": "25 days",
                    "idleTimeout": "25 days", "requestTimeout": [], "compression": "gzip",
                    "maxHeadersCount": -1, "maxRequestsPerSocket": "x"},
                  "csp": {"img-src": ["a; b"]}, "cors": {"origin": "{", "maxAge": "x"}, "trustProxy": "10.0.0.0/33",
                  "lifecycle": {"startupRequestPauseTimeout": true, "serverShutdownDelay": "x", "shutdownTimeout": "x"},
                  "plugins": {"toDo": {"maxConcurrentRequests": 0, "maxQueuedRequests": -1}}, "health": {"required": "todo"}}}
                """);

        assertThat(problems.list())
                .extracting(Problem::key)
                .containsExactlyInAnyOrder(
                        "backend.listen.port",
                        "backend.https.certificate.cert",
                        "backend.https.certificate.key",
                        "backend.server.maxBodyBytes",
                        "backend.server.maxHeaderBytes",
                        "backend.server.maxConnections",
                        "backend.server.headersTimeout",
                        "backend.server.requestTimeout",
                        "backend.server.idleTimeout",
                        "backend.server.compression",
                        "backend.server.maxHeadersCount",
                        "backend.server.maxRequestsPerSocket",
                        "backend.csp.img-src",
                        "backend.cors.origin",
                        "backend.cors.maxAge",
                        "backend.trustProxy",
                        "backend.lifecycle.startupRequestPauseTimeout",
                        "backend.lifecycle.serverShutdownDelay",
                        "backend.lifecycle.shutdownTimeout",
                        "backend.plugins.toDo.maxConcurrentRequests",
                        "backend.plugins.toDo.maxQueuedRequests",
                        "backend.health.required");
        assertThat(problems.list()).noneMatch(problem -> problem.message().contains("secret"));
    }

    @Test
    void leavesOutTheHeadersThatAreFalse() {
        String headers =
                read("""
                        {"backend": {"csp": {"script-src": false, "img-src": ["'self'", "https://a.com"], "upgrade-insecure-requests": []},
                          "referrer": {"policy": ["no-referrer", "strict-origin"]}}}
                        """)
                        .headers()
                        .toString();

        assertThat(headers)
                .contains("img-src 'self' https://a.com;")
                .contains(";upgrade-insecure-requests")
                .contains("referrer-policy: no-referrer,strict-origin")
                .doesNotContain("script-src ");
        assertThat(read("{\"backend\": {\"csp\": false, \"referrer\": false}}")
                        .headers()
                        .toString())
                .doesNotContain("content-security-policy")
                .doesNotContain("referrer-policy");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.com, https://a.com, true",
        "https://a.com, HTTPS://A.COM, true",
        "https://a.com, https://a.com.evil, false",
        "https://*.a.com, https://x.a.com, true",
        "https://*.a.com, https://x.y/.a.com, false",
        "http://localhost:*, http://localhost:3000, true",
        "'https://{a,b}.com', https://b.com, true",
        "'https://{a,b}.com', https://c.com, false",
        "*, https://c.com, true",
    })
    void comparesOriginsAsGlobs(String glob, String origin, boolean allowed) {
        assertThat(new CorsSettings(
                                List.of(new CorsSettings.OriginPattern(glob)),
                                List.of(),
                                List.of(),
                                List.of(),
                                false,
                                Optional.empty())
                        .allows(origin))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "7007, 127.0.0.1, 7007",
        ":7007, 0.0.0.0, 7007",
        "localhost:80, localhost, 80",
        "0.0.0.0:0, 0.0.0.0, 0",
        "[::1]:8080, ::1, 8080",
    })
    void readsAnAddressAsText(String text, String host, int port) {
        assertThat(read("{\"backend\": {\"listen\": \"" + text + "\"}}").listen())
                .isEqualTo(new ListenSettings(host, port));
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void readsAPortAsANumber() {
        assertThat(read("{\"backend\": {\"listen\": 8080}}").listen()).isEqualTo(new ListenSettings("127.0.0.1", 8080));
    }

    @Test
    void staysOnThisMachineWhenOnlyThePortIsGiven() {
        assertThat(read("{\"backend\": {\"listen\": {\"port\": 0}}}").listen())
                .isEqualTo(new ListenSettings("127.0.0.1", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"port", "a:b:80", "localhost:", "host:70000", "::1:80", "http://x:80"})
    void reportsAnAddressThatIsNone(String text) {
        read("{\"backend\": {\"listen\": \"" + text + "\"}}");

        assertThat(problems.list()).singleElement().satisfies(problem -> assertThat(problem.message())
                .isEqualTo("expected a port, \":port\", \"host:port\" or {host, port}, got \"" + text + "\""));
    }

    @Test
    void cannotBeMadeWithAPortThatIsNone() {
        assertThatThrownBy(() -> new ListenSettings("localhost", 65_536)).hasMessageContaining("65536");
    }

    private HttpSettings read(String json) {
        return HttpSettings.read(Configs.of(new JsonObject(json)), problems);
    }
}
