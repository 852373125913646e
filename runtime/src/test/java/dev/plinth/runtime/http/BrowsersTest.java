package dev.plinth.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What browsers, and proxies before the server, are told and say. */
class BrowsersTest {

    @Test
    void sendsSecurityHeadersWithEveryAnswer() throws Exception {
        try (PublicServer server = PublicServer.start("{}")) {
            server.plugin("todo").get("/own").handler(request -> request.response()
                    .putHeader("Content-Security-Policy", "own")
                    .end());

            for (String path : new String[] {"/health/live", "/nowhere", "/api/todo/nowhere"}) {
                assertThat(server.get(path, ""))
                        .contains("content-security-policy: default-src 'self'")
                        .contains("x-content-type-options: nosniff");
            }
            assertThat(server.get("/api/todo/own", ""))
                    .contains("Content-Security-Policy: own")
                    .doesNotContain("default-src");
        }
    }

    @Test
    void allowsOtherOriginsOnlyAsConfigured() throws Exception {
        try (PublicServer server =
                PublicServer.start("{'cors': {'origin': ['https://*.a.com'], 'credentials': true, 'maxAge': 60}}")) {
            server.plugin("todo").get("/x").handler(request -> request.response()
                    .end("x"));

            assertThat(server.get("/api/todo/x", "Origin: https://my.a.com\r\n"))
                    .containsIgnoringCase("access-control-allow-origin: https://my.a.com\r\n")
                    .containsIgnoringCase("access-control-allow-credentials: true\r\n")
                    .containsIgnoringCase("vary: origin\r\n");
            assertThat(server.get("/api/todo/x", "Origin: https://evil.com\r\n"))
                    .doesNotContainIgnoringCase("access-control-allow")
                    .containsIgnoringCase("vary: origin\r\n")
                    .contains("200 OK");
            assertThat(preflight(server, "https://my.a.com"))
                    .startsWith("HTTP/1.1 204")
                    .containsIgnoringCase("access-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n")
                    .containsIgnoringCase("access-control-allow-headers: x-b\r\n")
                    .containsIgnoringCase("access-control-max-age: 60\r\n");
            assertThat(preflight(server, "https://evil.com")).doesNotContainIgnoringCase("allow-origin");
        }
    }

    @Test
    void neverAllowsCredentialsToEverybody() throws Exception {
        try (PublicServer server = PublicServer.start("{'cors': {'origin': '*', 'credentials': true}}")) {
            assertThat(server.get("/health/live", "Origin: https://a.com\r\n"))
                    .containsIgnoringCase("access-control-allow-origin: *\r\n")
                    .doesNotContainIgnoringCase("credentials");
        }
    }

    @Test
    void leavesPreflightsToPluginsWithoutCors() throws Exception {
        try (PublicServer server = PublicServer.start("{}")) {
            server.plugin("todo").get("/x").handler(request -> request.response()
                    .end("x"));

            assertThat(preflight(server, "https://a.com"))
                    .startsWith("HTTP/1.1 405")
                    .doesNotContainIgnoringCase("access-control");
        }
    }

    @Test
    void compressesLongAnswersForThoseWhoAskForIt() throws Exception {
        try (PublicServer server = PublicServer.start("{}")) {
            server.plugin("todo").get("/long").handler(request -> request.response()
                    .end("x".repeat(5_000)));
            server.plugin("feed").get("/").handler(request -> request.response()
                    .putHeader("Content-Type", "text/event-stream")
                    .end("data: " + "x".repeat(5_000)));

            assertThat(server.get("/api/todo/long", "Accept-Encoding: gzip\r\n"))
                    .containsIgnoringCase("content-encoding: gzip\r\n")
                    .containsIgnoringCase("vary: accept-encoding\r\n")
                    .hasSizeLessThan(2_000);
            assertThat(server.get("/api/todo/long", ""))
                    .containsIgnoringCase("vary: accept-encoding\r\n")
                    .endsWith("x".repeat(5_000));
            assertThat(server.get("/health/live", "Accept-Encoding: gzip\r\n")).endsWith("{\"status\":\"ok\"}");
            assertThat(server.get("/api/feed", "Accept-Encoding: gzip\r\n")).contains("data: xxx");
        }
    }

    @Test
    void believesProxiesAsConfiguredOnly() throws Exception {
        String forwarded = "X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n";
        assertThat(caller("{}", forwarded)).isEqualTo("127.0.0.1 http");
        assertThat(caller("{'trustProxy': false}", forwarded)).isEqualTo("127.0.0.1 http");
        assertThat(caller("{'trustProxy': true}", forwarded)).isEqualTo("6.6.6.6 https");
        assertThat(caller("{'trustProxy': 1}", forwarded)).isEqualTo("203.0.113.9 https");
        assertThat(caller("{'trustProxy': 2}", forwarded)).isEqualTo("6.6.6.6 https");
        assertThat(caller("{'trustProxy': 'loopback'}", forwarded)).isEqualTo("203.0.113.9 https");
        assertThat(caller("{'trustProxy': ['loopback', '203.0.113.0/24']}", forwarded))
                .isEqualTo("6.6.6.6 https");
        assertThat(caller("{'trustProxy': '10.0.0.0/8'}", forwarded)).isEqualTo("127.0.0.1 http");
        assertThat(caller("{'trustProxy': 1}", "Forwarded: for=6.6.6.6, for=\"[2001:db8::1]:80\";proto=https\r\n"))
                .startsWith("2001:db8:");
        assertThat(caller("{'trustProxy': 1}", "X-Forwarded-For: evil<script>\r\nX-Forwarded-Proto: gopher\r\n"))
                .isEqualTo("127.0.0.1 http");
    }

    private static String caller(String backend, String headers) throws Exception {
        try (PublicServer server = PublicServer.start(backend)) {
            server.plugin("todo").get("/who").handler(request -> request.response()
                    .end(request.request().remoteAddress().hostAddress() + " "
                            + request.request().scheme()));
            String answer = server.get("/api/todo/who", headers);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }

    private static String preflight(PublicServer server, String origin) throws IOException {
        return server.exchange("OPTIONS /api/todo/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: " + origin
                + "\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-b\r\n\r\n");
    }
}
