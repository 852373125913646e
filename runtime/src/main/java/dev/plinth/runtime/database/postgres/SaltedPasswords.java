package dev.plinth.runtime.database.postgres;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.client.ScramClient.FinalBuildStage;
import com.ongres.scram.client.ScramClient.PasswordBuildStage;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys that passwords come to, as servers salt them. That takes thousands of digests on purpose, and is the same for each connection of a
 * login. Thread-safe.
 */
final class SaltedPasswords {

    private static final int MOST = 1000;
    private static final int NONCE_BYTES = 18;
    /** Of a PostgreSQL server that was not told otherwise. */
    private static final int USUAL_ITERATIONS = 4096;

    private final Map<List<Object>, Keys> known = new ConcurrentHashMap<>();
    private final Map<List<String>, Keys> latest = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** Goes through an exchange with a server that is none, so that Java has loaded what that takes, and is quick at salting. */
    static void rehearse() {
        String nonce = "rehearsal";
        ScramClient client = ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username("plinth")
                .password(nonce.toCharArray())
                .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
                .nonceSupplier(() -> nonce)
                .build();
        try {
            client.clientFirstMessage();
            client.serverFirstMessage("r=" + nonce + "2,s=cmVoZWFyc2FsIG9mIHNhbHQ=,i=" + USUAL_ITERATIONS);
            client.clientFinalMessage();
        } catch (ScramException e) {
            throw new AssertionError("the exchange is as it must be", e);
        }
    }

    /** What makes each exchange another. */
    String nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    /** With which a client proves that it knows the password, and a server that it knows the client. Not a record: they are secret. */
    static final class Keys {

        private final byte[] client;
        private final byte[] server;

        private Keys(byte[] client, byte[] server) {
            this.client = client;
            this.server = server;
        }

        FinalBuildStage of(PasswordBuildStage stage) {
            return stage.clientAndServerKey(client, server);
        }
    }

    /** Those of the user's last login, which are most likely right for the next one: servers salt each user's password once. */
    Optional<Keys> latest(String user, String password) {
        return Optional.ofNullable(latest.get(List.of(user, password)));
    }

    Keys of(ScramMechanism mechanism, String user, String password, ServerFirstMessage salted) {
        if (known.size() >= MOST) {
            known.clear();
            latest.clear();
        }
        Keys keys = known.computeIfAbsent(
                List.of(mechanism, password, salted.getSalt(), salted.getIterationCount()),
                unknown -> keys(mechanism, password, salted));
        latest.put(List.of(user, password), keys);
        return keys;
    }

    private static Keys keys(ScramMechanism mechanism, String password, ServerFirstMessage salted) {
        byte[] key = ScramFunctions.saltedPassword(
                mechanism,
                StringPreparation.POSTGRESQL_PREPARATION,
                password.toCharArray(),
                Base64.getDecoder().decode(salted.getSalt()),
                salted.getIterationCount());
        return new Keys(ScramFunctions.clientKey(mechanism, key), ScramFunctions.serverKey(mechanism, key));
    }
}
