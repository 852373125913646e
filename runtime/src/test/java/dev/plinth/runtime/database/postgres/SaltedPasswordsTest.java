package dev.plinth.runtime.database.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import org.junit.jupiter.api.Test;

class SaltedPasswordsTest {

    private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

    private final SaltedPasswords passwords = new SaltedPasswords();

    @Test
    void rehearsesAnExchangeFromItsFirstMessageToItsProof() {
        assertThatCode(SaltedPasswords::rehearse).doesNotThrowAnyException();
    }

    @Test
    void saltsAPasswordOnceForAllConnections() {
        byte[] first = passwords.of(MECHANISM, "secret", salted("c2FsdA==", 4096));

        assertThat(passwords.of(MECHANISM, "secret", salted("c2FsdA==", 4096))).isSameAs(first);
    }

    @Test
    void tellsPasswordsSaltsAndIterationsApart() {
        byte[] first = passwords.of(MECHANISM, "secret", salted("c2FsdA==", 4096));

        assertThat(passwords.of(MECHANISM, "other", salted("c2FsdA==", 4096))).isNotEqualTo(first);
        assertThat(passwords.of(MECHANISM, "secret", salted("b3RoZXI=", 4096))).isNotEqualTo(first);
        assertThat(passwords.of(MECHANISM, "secret", salted("c2FsdA==", 8192))).isNotEqualTo(first);
    }

    private static ServerFirstMessage salted(String salt, int iterations) {
        return new ServerFirstMessage("client", "server", salt, iterations);
    }
}
