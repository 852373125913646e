package dev.plinth.runtime.database.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import dev.plinth.runtime.database.postgres.SaltedPasswords.Keys;
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
        Keys first = passwords.of(MECHANISM, "todo", "secret", salted("c2FsdA==", 4096));

        assertThat(passwords.of(MECHANISM, "todo", "secret", salted("c2FsdA==", 4096)))
                .isSameAs(first);
    }

    @Test
    void tellsPasswordsSaltsAndIterationsApart() {
        Keys first = passwords.of(MECHANISM, "todo", "secret", salted("c2FsdA==", 4096));

        assertThat(passwords.of(MECHANISM, "todo", "other", salted("c2FsdA==", 4096)))
                .isNotSameAs(first);
        assertThat(passwords.of(MECHANISM, "todo", "secret", salted("b3RoZXI=", 4096)))
                .isNotSameAs(first);
        assertThat(passwords.of(MECHANISM, "todo", "secret", salted("c2FsdA==", 8192)))
                .isNotSameAs(first);
    }

    @Test
    void expectsWhatAUserWasSaltedWithLast() {
        assertThat(passwords.latest("todo", "secret")).isEmpty();
        Keys before = passwords.of(MECHANISM, "todo", "secret", salted("c2FsdA==", 4096));
        Keys others = passwords.of(MECHANISM, "catalog", "secret", salted("b3RoZXI=", 4096));
        assertThat(passwords.latest("todo", "secret")).containsSame(before);
        assertThat(passwords.latest("catalog", "secret")).containsSame(others);
        assertThat(passwords.latest("todo", "changed")).isEmpty();

        Keys now = passwords.of(MECHANISM, "todo", "secret", salted("bmV3", 4096));
        assertThat(passwords.latest("todo", "secret")).containsSame(now);
    }

    private static ServerFirstMessage salted(String salt, int iterations) {
        return new ServerFirstMessage("client", "server", salt, iterations);
    }
}
