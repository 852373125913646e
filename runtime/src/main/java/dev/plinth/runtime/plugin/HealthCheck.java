package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Something that a plugin wants to be asked about. */
record HealthCheck(String name, Supplier<Future<?>> check) {

    private static final long LIMIT_SECONDS = 2;

    /** What came of it; no failure text when it passed. */
    record Result(String name, String failure) {

        boolean passed() {
            return failure.isEmpty();
        }
    }

    /** Asks on the plugin's context. The result comes within the limit even when that context is blocked. */
    Future<Result> run(ContextInternal plugin, ContextInternal watch) {
        PromiseInternal<Object> answer = watch.promise();
        plugin.runOnContext(v -> ask().onComplete((ok, failure) -> {
            if (failure == null) {
                answer.tryComplete();
            } else {
                answer.tryFail(failure);
            }
        }));
        return answer.future()
                .timeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .map(ok -> new Result(name, ""))
                .otherwise(failure -> new Result(name, String.valueOf(failure)));
    }

    private Future<?> ask() {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
