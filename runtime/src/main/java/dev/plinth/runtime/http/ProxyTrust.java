package dev.plinth.runtime.http;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whose word is taken for where a request comes from, as in Backstage.
 *
 * @param hops how many proxies, counted from this server
 * @param networks of the proxies
 */
public record ProxyTrust(int hops, List<Network> networks) {

    /** Nobody's. */
    public static final ProxyTrust NONE = new ProxyTrust(0, List.of());

    private static final String EXPECTED =
            "true, false, a number of proxies, or addresses and networks such as 10.0.0.0/8, loopback, linklocal, uniquelocal";

    public ProxyTrust {
        networks = List.copyOf(networks);
    }

    /** Reads {@code backend.trustProxy}. */
    static ProxyTrust read(Config config, Problems problems) {
        Object plain = config.toPlain();
        if (plain == null) {
            return NONE;
        }
        if (plain instanceof Boolean all) {
            return all ? new ProxyTrust(Integer.MAX_VALUE, List.of()) : NONE;
        }
        if (plain instanceof Number number && number.longValue() >= 0 && number.longValue() <= Integer.MAX_VALUE) {
            return new ProxyTrust(number.intValue(), List.of());
        }
        return config.isText() || config.isList() ? ofNetworks(config, problems) : wrong(config, problems);
    }

    private static ProxyTrust ofNetworks(Config config, Problems problems) {
        List<Network> networks = new ArrayList<>();
        for (String list : Texts.of(config, problems)) {
            for (String text : list.split(",", -1)) {
                Optional<List<Network>> named = Network.named(text.strip());
                if (named.isEmpty()) {
                    return wrong(config, problems);
                }
                networks.addAll(named.get());
            }
        }
        return new ProxyTrust(0, networks);
    }

    private static ProxyTrust wrong(Config config, Problems problems) {
        problems.addAll(config.wrongType(EXPECTED).problems());
        return NONE;
    }

    boolean trustsAnybody() {
        return hops > 0 || !networks.isEmpty();
    }

    /**
     * Whether this one may say who stands before it.
     *
     * @param distance 0 for the one that is connected to this server
     */
    boolean trusts(String address, int distance) {
        return distance < hops || networks.stream().anyMatch(network -> network.contains(address));
    }

    /**
     * Addresses that begin with the same bits.
     *
     * @param address its bytes
     * @param bits how many
     */
    public record Network(List<Byte> address, int bits) {

        private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");
        private static final List<String> LINK_LOCAL = List.of("169.254.0.0/16", "fe80::/10");
        private static final List<String> UNIQUE_LOCAL =
                List.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

        public Network {
            address = List.copyOf(address);
        }

        /** An address, a network, or a name that stands for some; empty when it is none. */
        static Optional<List<Network>> named(String text) {
            List<String> texts =
                    switch (text) {
                        case "loopback" -> LOOPBACK;
                        case "linklocal" -> LINK_LOCAL;
                        case "uniquelocal" -> UNIQUE_LOCAL;
                        default -> List.of(text);
                    };
            List<Network> networks =
                    texts.stream().map(Network::of).flatMap(Optional::stream).toList();
            return networks.size() == texts.size() ? Optional.of(networks) : Optional.empty();
        }

        private static Optional<Network> of(String text) {
            int slash = text.indexOf('/');
            Optional<List<Byte>> address = Addresses.bytes(slash < 0 ? text : text.substring(0, slash));
            return address.flatMap(bytes -> bits(text, slash, bytes.size() * 8).map(bits -> new Network(bytes, bits)));
        }

        private static Optional<Integer> bits(String text, int slash, int max) {
            if (slash < 0) {
                return Optional.of(max);
            }
            return Stream.of(text.substring(slash + 1))
                    .filter(number -> number.matches("\\d{1,3}"))
                    .map(Integer::valueOf)
                    .filter(bits -> bits <= max)
                    .findFirst();
        }

        boolean contains(String other) {
            Optional<List<Byte>> bytes = Addresses.bytes(other);
            return bytes.isPresent() && bytes.get().size() == address.size() && agreesWith(bytes.get());
        }

        private boolean agreesWith(List<Byte> other) {
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> (i % 8);
                if (((address.get(i / 8) ^ other.get(i / 8)) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
