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

    /** Whether the last key of a path names a secret. */
    static boolean isSecret(String key) {
        String name = key.substring(key.lastIndexOf('.') + 1);
        int index = name.indexOf('[');
        String plain = (index < 0 ? name : name.substring(0, index))
                .toLowerCase(Locale.ROOT)
                .replaceAll("[-_:]", "");
        return WHOLE.contains(plain)
                || ENDINGS.stream().anyMatch(ending -> plain.endsWith(ending) || plain.endsWith(ending + "s"));
    }
}
