package dev.plinth.runtime.database.postgres;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What passwords come to, as servers salt them. That takes thousands of digests on purpose, and is the same for each connection of a
 * login. Thread-safe.
 */
final class SaltedPasswords {

    private static final int MOST = 1000;
    private static final int NONCE_BYTES = 18;

    private final Map<List<Object>, byte[]> known = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** What makes each exchange another. */
    String nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    byte[] of(ScramMechanism mechanism, String password, ServerFirstMessage salted) {
        if (known.size() >= MOST) {
            known.clear();
        }
        return known.computeIfAbsent(
                List.of(mechanism, password, salted.getSalt(), salted.getIterationCount()),
                unknown -> ScramFunctions.saltedPassword(
                        mechanism,
                        StringPreparation.POSTGRESQL_PREPARATION,
                        password.toCharArray(),
                        Base64.getDecoder().decode(salted.getSalt()),
                        salted.getIterationCount()));
    }
}
