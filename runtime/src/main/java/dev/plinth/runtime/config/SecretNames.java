package dev.plinth.runtime.config;

import java.util.Locale;
import java.util.Set;

/** Keys whose values are secret whatever the schema says. */
final class SecretNames {

    private static final Set<String> WHOLE = Set.of("key", "pfx", "auth", "authorization", "cookie", "credentials");
    private static final Set<String> ENDINGS = Set.of(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "privatekey",
            "accesskey",
            "secretkey",
            "accesskeyid",
            "secretaccesskey",
            "clientsecret",
            "credential",
            "connectionstring");

    private SecretNames() {}

    /** Whether a key, or the last one of a path, names a secret. */
    static boolean isSecret(String key) {
        String name = folded(key);
        return WHOLE.contains(name) || endsLikeSecret(name);
    }

    /** Whether everything below a key of this name is secret too. */
    static boolean holdsSecrets(String key) {
        return endsLikeSecret(folded(key));
    }

    private static boolean endsLikeSecret(String name) {
        return ENDINGS.stream().anyMatch(ending -> name.endsWith(ending) || name.endsWith(ending + "s"));
    }

    private static String folded(String key) {
        String name = key.substring(key.lastIndexOf('.') + 1);
        int index = name.indexOf('[');
        return (index < 0 ? name : name.substring(0, index))
                .toLowerCase(Locale.ROOT)
                .replaceAll("[-_:]", "");
    }
}
