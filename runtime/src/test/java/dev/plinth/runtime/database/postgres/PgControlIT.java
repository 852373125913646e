package dev.plinth.runtime.database.postgres;

import static dev.plinth.runtime.database.postgres.PgFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class PgControlIT {

    private final VertxInternal vertx = (VertxInternal) Vertx.vertx();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void leavesAConnectionThatIsDeadThoughItLooksOpen(Server server) {
        ContextInternal context = vertx.contextBuilder()
                .withEventLoop(vertx.nettyEventLoopGroup().next())
                .build();
        PgDialer dialer = new PgDialer(PgCredentials.CONFIGURED);
        AtomicInteger dials = new AtomicInteger();
        Promise<Integer> budget = Promise.promise();
        Promise<Void> again = Promise.promise();
        try (FreezableProxy proxy = new FreezableProxy(server.port())) {
            PgControl control = new PgControl(
                    vertx,
                    context,
                    (loop, settings) -> dialer.dial(loop, settings, Map.of("application_name", "plinth:frozen"))
                            .map(line -> Dedicated.wrap(loop, settings, line))
                            .onSuccess(connected -> {
                                if (dials.incrementAndGet() > 1) {
                                    again.tryComplete();
                                }
                            }),
                    PgFixture.settings("todo", proxy.port()),
                    new PgControl.Owner() {
                        @Override
                        public int held() {
                            return 0;
                        }

                        @Override
                        public void changed(FairShare.Share share, int limit) {
                            budget.tryComplete(limit);
                        }
                    },
                    Duration.ofMillis(200));
            control.start();
            assertThat(await(budget.future())).isPositive();

            proxy.freezeAll();

            await(again.future());
            control.close();
        }
    }
}
