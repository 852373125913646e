package dev.plinth.runtime.database.settings;

import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.Secret;
import java.util.List;
import java.util.Optional;

/** Reads whether plugins share one login, or each has a role of its own. */
final class IsolationReader {

    private static final int SHORT_SECRET = 16;

    private final Config shared;
    private final Layered role;
    private final Reader reader;

    IsolationReader(PluginSection section, Reader reader) {
        this.shared = section.shared();
        this.role = section.setting("role");
        this.reader = reader;
    }

    /** What the roles' passwords are derived from; empty when plugins share one login. */
    Optional<Secret> secret(Optional<String> configuredRole) {
        Layered isolation = Layered.of(shared.child("isolation"));
        Optional<String> choice = reader.choice("isolation", isolation, "invalid-type", List.of("shared", "role"));
        Layered place = Layered.of(shared.child("isolationSecret"));
        Optional<Secret> secret = reader.secret("isolationSecret", place);
        if (choice.filter("role"::equals).isEmpty()) {
            return Optional.empty();
        }
        if (secret.isEmpty()) {
            reader.error(
                    isolation.value(),
                    "missing-isolation-secret",
                    "isolation role needs a secret from which all instances derive the roles' passwords",
                    "set backend.database.isolationSecret to a long random text");
        }
        secret.filter(text -> text.reveal().length() < SHORT_SECRET)
                .ifPresent(text -> reader.warning(
                        place.value(),
                        "weak-secret",
                        "shorter than " + SHORT_SECRET + " characters",
                        "use a longer one"));
        configuredRole.ifPresent(name -> reader.error(
                role.value(), "contradiction", "isolation role gives each plugin a role of its own", "remove role"));
        return secret;
    }
}
