package dev.plinth.runtime.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from, and how its caller reached the first proxy.
 *
 * @param address of the caller
 * @param scheme {@code http} or {@code https}
 */
record Caller(String address, String scheme) {

    /** What the connection says. */
    static Caller nearest(HttpServerRequest request) {
        SocketAddress remote = request.remoteAddress();
        String address = remote == null || remote.hostAddress() == null ? "-" : remote.hostAddress();
        return new Caller(address, request.isSSL() ? "https" : "http");
    }

    /** This one, or who stands before it, as trusted proxies say in {@code Forwarded} or {@code X-Forwarded-For} and {@code -Proto}. */
    Caller behind(MultiMap headers, ProxyTrust trust) {
        return trust.trustsAnybody() && trust.trusts(address, 0) ? forwarded(headers, trust, address, scheme) : this;
    }

    private static Caller forwarded(MultiMap headers, ProxyTrust trust, String address, String scheme) {
        String forwarded = headers.get("forwarded");
        List<String> chain =
                forwarded == null ? addresses(headers.getAll("x-forwarded-for")) : addresses(values(forwarded, "for"));
        List<String> schemes =
                forwarded == null ? split(headers.getAll("x-forwarded-proto")) : values(forwarded, "proto");
        return new Caller(first(chain, trust, address), schemes.isEmpty() ? scheme : scheme(schemes.get(0), scheme));
    }

    /** Goes from proxy to proxy, as long as each may be believed. */
    private static String first(List<String> chain, ProxyTrust trust, String nearest) {
        Collections.reverse(chain);
        String address = nearest;
        for (int i = 0; i < chain.size() && trust.trusts(address, i); i++) {
            if (chain.get(i).isEmpty()) {
                return address;
            }
            address = chain.get(i);
        }
        return address;
    }

    private static String scheme(String given, String own) {
        String scheme = given.strip().toLowerCase(Locale.ROOT);
        return scheme.equals("http") || scheme.equals("https") ? scheme : own;
    }

    private static List<String> addresses(List<String> values) {
        List<String> addresses = new ArrayList<>();
        split(values).forEach(value -> addresses.add(Addresses.bare(value)));
        return addresses;
    }

    private static List<String> split(List<String> values) {
        return values.stream()
                .flatMap(value -> List.of(value.split(",", -1)).stream())
                .toList();
    }

    /** Of {@code for=1.2.3.4;proto=https, for="[::1]"}: those of one name, in order. */
    private static List<String> values(String forwarded, String name) {
        List<String> values = new ArrayList<>();
        for (String element : forwarded.split(",", -1)) {
            String value = value(element, name);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private static @Nullable String value(String element, String name) {
        for (String pair : element.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase(name)) {
                return pair.substring(equals + 1).strip().replace("\"", "");
            }
        }
        return null;
    }
}
