package dev.plinth.runtime;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Another instance of the backend: an entry of {@code backend.peers}.
 *
 * @param url of its server for operators, without a path
 * @param plugins in lower case, which are called there when they are not here
 */
record PeerSettings(String url, Set<String> plugins) {

    /** Reads {@code backend.peers}; what is wrong goes to the problems, and is left out. */
    static List<PeerSettings> read(Config root, Problems problems) {
        Config peers = root.at("backend.peers");
        return !peers.isPresent()
                ? List.of()
                : peers.items(problems).stream()
                        .flatMap(peer -> read(peer, peer.at("url"), problems).stream())
                        .toList();
    }

    private static Optional<PeerSettings> read(Config peer, Config url, Problems problems) {
        Optional<String> text = url.string(problems);
        if (text.isEmpty() || !isServer(text.get())) {
            problems.addAll(url.wrongType("a URL such as http://10.0.0.2:7008").problems());
            return Optional.empty();
        }
        return Optional.of(new PeerSettings(text.get(), plugins(peer.at("plugins"), problems)));
    }

    private static Set<String> plugins(Config plugins, Problems problems) {
        return !plugins.isPresent()
                ? Set.of()
                : plugins.items(problems).stream()
                        .flatMap(id -> id.string(problems).stream())
                        .map(id -> id.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** The server for operators speaks HTTP only. */
    private static boolean isServer(String text) {
        try {
            URI url = URI.create(text);
            return "http".equals(url.getScheme())
                    && url.getHost() != null
                    && url.getPort() > 0
                    && url.getRawPath().isEmpty()
                    && url.getRawQuery() == null;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }
}
