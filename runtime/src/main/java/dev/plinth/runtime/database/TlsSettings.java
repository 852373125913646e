package dev.plinth.runtime.database;

import dev.plinth.runtime.config.Secret;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a connection to PostgreSQL is encrypted and checked.
 *
 * @param mode it alone decides what is checked: nothing below {@code VERIFY_CA}, even with certificates to trust
 * @param ca certificates to trust, PEM; empty for the JVM's own trust store
 * @param cert the client's certificate, PEM
 * @param key the client's key, PEM
 * @param servername checked in place of the host
 */
public record TlsSettings(
        Mode mode, Optional<String> ca, Optional<String> cert, Optional<Secret> key, Optional<String> servername) {

    public static final TlsSettings DISABLED =
            new TlsSettings(Mode.DISABLE, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    // Written out, as Java takes long to make its own when they are asked for first.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<Object> parts() {
        return List.of(mode, ca, cert, key, servername);
    }

    /** What libpq calls {@code sslmode}: six modes, weakest first. */
    public enum Mode {
        DISABLE,
        ALLOW,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL;

        /** As libpq writes it: {@code verify-full}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
