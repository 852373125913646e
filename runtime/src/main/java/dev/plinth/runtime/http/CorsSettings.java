package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which pages of other origins may call, as in Backstage.
 *
 * @param origins empty for any
 * @param methods that they may use
 * @param allowedHeaders that they may send; empty for those that they ask for
 * @param exposedHeaders that they may read
 * @param credentials whether they may send cookies
 * @param maxAge seconds for which browsers remember all this
 */
public record CorsSettings(
        List<OriginPattern> origins,
        List<String> methods,
        List<String> allowedHeaders,
        List<String> exposedHeaders,
        boolean credentials,
        Optional<Long> maxAge) {

    private static final List<String> METHODS = List.of("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE");

    public CorsSettings {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        allowedHeaders = List.copyOf(allowedHeaders);
        exposedHeaders = List.copyOf(exposedHeaders);
    }

    /** Reads {@code backend.cors}; without it no other origin may call. */
    static Optional<CorsSettings> read(Config cors, Problems problems) {
        if (!cors.isPresent() || Boolean.FALSE.equals(cors.toPlain())) {
            return Optional.empty();
        }
        List<String> methods = Texts.of(cors.at("methods"), problems);
        return Optional.of(new CorsSettings(
                origins(cors.at("origin"), problems),
                methods.isEmpty() ? METHODS : methods,
                Texts.of(cors.at("allowedHeaders"), problems),
                Texts.of(cors.at("exposedHeaders"), problems),
                cors.at("credentials").bool(problems).orElse(false),
                cors.at("maxAge").wholeNumber(problems)));
    }

    private static List<OriginPattern> origins(Config origin, Problems problems) {
        try {
            return Texts.of(origin, problems).stream().map(OriginPattern::new).toList();
        } catch (PatternSyntaxException e) {
            problems.addAll(
                    origin.wrongType("origins such as https://*.example.com").problems());
            return List.of();
        }
    }

    boolean allowsAll() {
        return origins.isEmpty() || origins.stream().anyMatch(OriginPattern::isAny);
    }

    boolean allows(String origin) {
        return allowsAll() || origins.stream().anyMatch(pattern -> pattern.matches(origin));
    }

    /**
     * Origins, whatever the case of their letters: {@code *} stands for what is between two slashes, {@code **} for anything,
     * {@code ?} for one character, {@code {a,b}} for one of these.
     *
     * @param glob as it is written
     */
    public record OriginPattern(String glob, Pattern pattern) {

        private static final Pattern TOKENS = Pattern.compile("\\*\\*|[^{}*?,]+|.");

        OriginPattern(String glob) {
            this(glob, compile(glob));
        }

        boolean isAny() {
            return glob.equals("*");
        }

        boolean matches(String origin) {
            return pattern.matcher(origin).matches();
        }

        private static Pattern compile(String glob) {
            String regex = TOKENS.matcher(glob)
                    .replaceAll(token -> Matcher.quoteReplacement(regex(token.group(), inBraces(glob, token.start()))));
            return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
        }

        private static String regex(String token, boolean inBraces) {
            return switch (token) {
                case "**" -> ".*";
                case "*" -> "[^/]*";
                case "?" -> "[^/]";
                case "{" -> "(?:";
                case "}" -> ")";
                default -> inBraces && token.equals(",") ? "|" : Pattern.quote(token);
            };
        }

        private static boolean inBraces(String glob, int index) {
            return glob.lastIndexOf('{', index) > glob.lastIndexOf('}', index);
        }

        /** The compiled form follows from the text. */
        @Override
        public boolean equals(Object other) {
            return other instanceof OriginPattern pattern && pattern.glob.equals(glob);
        }

        @Override
        public int hashCode() {
            return glob.hashCode();
        }
    }
}
