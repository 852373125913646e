package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What each answer tells browsers, unless the plugin says otherwise. Thread-safe. */
public final class SecurityHeaders {

    private static final String STRICT_TRANSPORT = "max-age=15552000; includeSubDomains";
    private static final String REFERRER = "no-referrer";

    /** Backstage's, so that a section copied from there means the same. */
    private static final Map<String, List<String>> CSP = csp();

    private final List<Field> fields;

    private SecurityHeaders(Map<String, String> fields) {
        this.fields = fields.entrySet().stream()
                .map(field -> new Field(
                        HttpHeaders.createOptimized(field.getKey()), HttpHeaders.createOptimized(field.getValue())))
                .toList();
    }

    /** Reads {@code backend.csp} and {@code backend.referrer}; a part of either that is {@code false} is left out. */
    static SecurityHeaders read(Config backend, boolean tls, Problems problems) {
        Map<String, String> fields = new LinkedHashMap<>();
        putUnlessEmpty(fields, "content-security-policy", csp(backend.at("csp"), problems));
        putUnlessEmpty(fields, "referrer-policy", referrer(backend.at("referrer"), problems));
        fields.put("x-content-type-options", "nosniff");
        fields.put("x-frame-options", "SAMEORIGIN");
        if (tls) {
            fields.put("strict-transport-security", STRICT_TRANSPORT);
        }
        return new SecurityHeaders(fields);
    }

    void addTo(MultiMap headers) {
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            if (!headers.contains(field.name)) {
                headers.add(field.name, field.value);
            }
        }
    }

    private static void putUnlessEmpty(Map<String, String> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.put(name, value);
        }
    }

    private static String csp(Config csp, Problems problems) {
        if (isFalse(csp)) {
            return "";
        }
        Map<String, List<String>> directives = new LinkedHashMap<>(CSP);
        for (Config directive : csp.children()) {
            if (isFalse(directive)) {
                directives.remove(directive.name());
            } else {
                directives.put(directive.name(), sources(directive, problems));
            }
        }
        return directives.entrySet().stream()
                .map(directive -> (directive.getKey() + ' ' + String.join(" ", directive.getValue())).strip())
                .collect(Collectors.joining(";"));
    }

    /** A semicolon or a line's end would begin what nobody wrote. */
    private static List<String> sources(Config directive, Problems problems) {
        List<String> sources = new ArrayList<>(Texts.of(directive, problems));
        if (sources.stream().anyMatch(source -> source.chars().anyMatch(c -> c == ';' || c == ',' || c < ' '))) {
            problems.addAll(directive
                    .wrongType("sources without semicolons, commas and line ends")
                    .problems());
            sources.clear();
        }
        return sources;
    }

    private static String referrer(Config referrer, Problems problems) {
        if (isFalse(referrer) || isFalse(referrer.at("policy"))) {
            return "";
        }
        List<String> policy = Texts.of(referrer.at("policy"), problems);
        return policy.isEmpty() ? REFERRER : String.join(",", policy);
    }

    private static boolean isFalse(Config config) {
        return Boolean.FALSE.equals(config.toPlain());
    }

    private static Map<String, List<String>> csp() {
        Map<String, List<String>> csp = new LinkedHashMap<>();
        csp.put("default-src", List.of("'self'"));
        csp.put("base-uri", List.of("'self'"));
        csp.put("font-src", List.of("'self'", "https:", "data:"));
        csp.put("frame-ancestors", List.of("'self'"));
        csp.put("img-src", List.of("'self'", "data:"));
        csp.put("object-src", List.of("'none'"));
        csp.put("script-src", List.of("'self'", "'unsafe-eval'"));
        csp.put("script-src-attr", List.of("'none'"));
        csp.put("style-src", List.of("'self'", "https:", "'unsafe-inline'"));
        return csp;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecurityHeaders headers && headers.toString().equals(toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return fields.stream().map(field -> field.name + ": " + field.value).collect(Collectors.joining("\n"));
    }

    private record Field(CharSequence name, CharSequence value) {}
}
