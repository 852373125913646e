package dev.plinth.runtime.config;

import io.vertx.core.json.JsonObject;

/** Asks a store for its content. Blocks. */
interface StoreReader {

    /** Why a store gave nothing, without its address or options, which may hold secrets. */
    final class StoreException extends Exception {
        private final String reason;

        StoreException(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    JsonObject read(StoreSettings store) throws StoreException;
}
