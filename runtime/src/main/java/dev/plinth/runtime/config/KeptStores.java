package dev.plinth.runtime.config;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what each store said last, for when it fails later, which is logged once. Used by one thread. */
final class KeptStores implements StoreReader {

    private static final Logger LOG = LoggerFactory.getLogger(KeptStores.class);

    private final StoreReader stores;
    private final Map<String, JsonObject> last = new HashMap<>();
    private final Set<String> failing = new HashSet<>();

    KeptStores(StoreReader stores) {
        this.stores = stores;
    }

    @Override
    public JsonObject read(StoreSettings store) throws StoreException {
        try {
            JsonObject content = stores.read(store);
            last.put(store.name(), content);
            failing.remove(store.name());
            return content;
        } catch (StoreException e) {
            JsonObject kept = last.get(store.name());
            if (kept == null) {
                throw e;
            }
            if (failing.add(store.name())) {
                LOG.warn("{} cannot be read, what it said last stays: {}", store.name(), e.reason());
            }
            return kept;
        }
    }
}
