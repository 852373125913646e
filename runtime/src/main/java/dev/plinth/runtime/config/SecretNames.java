package dev.plinth.runtime.config;

import java.util.List;
import java.util.Set;

/** Keys whose values are secret whatever the schema says. */
final class SecretNames {

    private static final Set<String> WHOLE = Set.of("key", "pfx", "auth", "authorization", "cookie", "credentials");
    private static final List<String> ENDINGS = List.of(
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
        String singular = name.endsWith("s") ? name.substring(0, name.length() - 1) : name;
        for (int i = 0; i < ENDINGS.size(); i++) {
            if (singular.endsWith(ENDINGS.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** The last key alone, in small letters and without separators; by hand, as every key of every start comes here. */
    private static String folded(String key) {
        int index = key.indexOf('[');
        int end = index < 0 ? key.length() : index;
        StringBuilder name = new StringBuilder(end);
        for (int i = key.lastIndexOf('.', end) + 1; i < end; i++) {
            char c = key.charAt(i);
            if (c != '-' && c != '_' && c != ':') {
                name.append(Character.toLowerCase(c));
            }
        }
        return name.toString();
    }
}
