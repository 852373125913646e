package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Something that a plugin wants to be asked about. */
record HealthCheck(String name, Supplier<Future<?>> check) {

    private static final long LIMIT_SECONDS = 2;

    /** Asks on the plugin's context. The result comes within the limit even when that context is blocked. */
    Future<CheckOutcome> run(ContextInternal plugin, ContextInternal watch) {
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
                .map(ok -> new CheckOutcome(name, ""))
                .otherwise(failure -> new CheckOutcome(name, describe(failure)));
    }

    private static String describe(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return "no answer within " + LIMIT_SECONDS + " s";
        }
        String detail = Failures.detail(failure);
        return detail.isBlank() ? failure.getClass().getName() : detail;
    }

    private Future<?> ask() {
        try {
            return Objects.requireNonNull(check.get(), "the check returned null, not a future");
        } catch (RuntimeException | Error e) {
            return Future.failedFuture(e);
        }
    }
}
