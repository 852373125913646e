package dev.plinth.runtime.database.postgres;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bindings that one connection keeps prepared, as a binding that is parsed anew costs the server five times as much. Bounded;
 * that of the plugin not served for longest goes first. Used on the connection's event loop only.
 */
final class PreparedBindings {

    private static final int CAPACITY = 128;

    private final Map<PgSource, Prepared> ready = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<PgSource> onTheWay = new HashSet<>();
    private final Consumer<String> forget;
    private int numbers;

    /** What a statement is sent with, and what to do once the server answered. */
    record Sending(Prefix prefix, Consumer<Boolean> answered) {}

    private record Prepared(Sending sending, List<String> names) {}

    /** @param forget told the name of each statement that the server need not keep any longer, or never had */
    PreparedBindings(Consumer<String> forget) {
        this.forget = forget;
    }

    /** How to bind to a plugin now; prepares the binding when it is not. */
    Sending sending(PgSource source, PgBinding binding) {
        Prepared prepared = ready.get(source);
        if (prepared != null) {
            return prepared.sending;
        }
        return onTheWay.add(source) ? preparing(source, binding) : sending(binding.plain());
    }

    private Sending preparing(PgSource source, PgBinding binding) {
        String name = "plinth_bind_" + numbers++;
        return new Sending(binding.preparing(name), carriedOut -> {
            onTheWay.remove(source);
            Prepared prepared = new Prepared(sending(binding.prepared(name)), binding.names(name));
            if (carriedOut) {
                keep(source, prepared);
            } else {
                forget(prepared);
            }
        });
    }

    private static Sending sending(Prefix prefix) {
        return new Sending(prefix, carriedOut -> {});
    }

    private void keep(PgSource source, Prepared prepared) {
        ready.put(source, prepared);
        if (ready.size() > CAPACITY) {
            remove(ready.keySet().iterator().next());
        }
    }

    /** That of a plugin that is gone. */
    void remove(PgSource source) {
        forget(ready.remove(source));
    }

    /** The server has none of them any more. */
    void clear() {
        ready.clear();
    }

    private void forget(@Nullable Prepared prepared) {
        if (prepared != null) {
            prepared.names.forEach(forget);
        }
    }
}
