package dev.plinth.runtime.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Reads stores through Vert.x Config, each by a retriever of its own, so that one's failure is its own too. Blocks its caller,
 * which must not be an event loop.
 */
final class VertxStores implements StoreReader {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Supplier<Vertx> vertx;

    VertxStores(Supplier<Vertx> vertx) {
        this.vertx = vertx;
    }

    /** Reads with a Vert.x of its own for each store, for when there is no other yet. */
    static StoreReader alone() {
        return store -> {
            Vertx own = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
            try {
                return new VertxStores(() -> own).read(store);
            } finally {
                own.close();
            }
        };
    }

    @Override
    public JsonObject read(StoreSettings store) throws StoreException {
        try {
            ConfigRetriever retriever = ConfigRetriever.create(vertx.get(), options(store));
            try {
                return retriever
                        .getConfig()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                retriever.close();
            }
        } catch (ExecutionException e) {
            throw new StoreException(reason(e));
        } catch (TimeoutException e) {
            throw new StoreException("no answer within " + LIMIT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for it");
        } catch (IllegalArgumentException | IllegalStateException | NullPointerException | ClassCastException e) {
            // What stores throw on types, formats and options that they do not know.
            throw new StoreException("its type, format or options are not understood");
        }
    }

    private static ConfigRetrieverOptions options(StoreSettings store) {
        return new ConfigRetrieverOptions()
                .setIncludeDefaultStores(false)
                .setScanPeriod(-1)
                .addStore(new ConfigStoreOptions()
                        .setType(store.type())
                        .setFormat(store.format())
                        .setConfig(store.options())
                        .setOptional(false));
    }

    /** Of most failures the kind alone: the text may have what stands for the address, with who logs in. */
    private static String reason(ExecutionException failure) {
        Throwable cause = failure.getCause();
        Throwable root = cause == null ? failure : cause;
        if (root instanceof UnknownHostException) {
            return "its host is unknown";
        }
        // Made of the numbers of address and port.
        return root instanceof ConnectException
                ? String.valueOf(root.getMessage())
                : root.getClass().getSimpleName();
    }
}
