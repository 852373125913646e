package dev.plinth.runtime.database.postgres;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.TlsSettings;
import dev.plinth.runtime.database.TlsSettings.Mode;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminSessionsTest {

    private final Vertx vertx = Vertx.vertx();
    private final List<Handler<Void>> closeHandlers = new CopyOnWriteArrayList<>();
    private final Promise<Void> firstClosed = Promise.promise();
    private final AdminSessions sessions =
            new AdminSessions(vertx, settings -> Future.succeededFuture(newConnection()));

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, SECONDS);
    }

    @Test
    void keepsTheSessionThatItOpenedWhileAnEarlierOneWasClosing() throws Exception {
        run(Future.succeededFuture());
        firstClosed.future().await(30, SECONDS);
        Promise<Void> work = Promise.promise();
        Future<Void> second = run(work.future());

        closeHandlers.get(0).handle(null);
        Future<Void> third = run(Future.succeededFuture());
        work.complete();

        second.await(30, SECONDS);
        third.await(30, SECONDS);
        assertThat(closeHandlers).hasSize(2);
    }

    @Test
    void worksForNobodyOnASessionThatAnotherLoginOpened() throws Exception {
        PostgresSettings settings = Settings.postgres(5432, "postgres", "");
        PostgresSettings otherPassword =
                settings.copy().password(Optional.of(new Secret("another"))).build();
        PostgresSettings encrypted = settings.copy()
                .tls(new TlsSettings(
                        Mode.VERIFY_FULL, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()))
                .build();
        Promise<Void> work = Promise.promise();
        List<Future<Void>> all = Stream.of(settings, otherPassword, encrypted, settings)
                .map(each -> sessions.run(each, session -> work.future()))
                .toList();

        work.complete();

        Future.all(all).await(30, SECONDS);
        assertThat(closeHandlers).hasSize(3);
    }

    @Test
    void doesWorkSideBySideThatMayBeAndStillOpensFewSessions() throws Exception {
        PostgresSettings settings = Settings.postgres(5432, "postgres", "");
        Promise<Void> slow = Promise.promise();
        Future<Void> first = sessions.runBeside(settings, session -> slow.future());
        Future<Void> second = sessions.runBeside(settings, session -> Future.succeededFuture());

        second.await(30, SECONDS);
        assertThat(first.isComplete()).isFalse();
        slow.complete();
        List<Future<Void>> more = Stream.generate(() -> settings)
                .limit(10)
                .map(each -> sessions.runBeside(each, session -> Future.<Void>succeededFuture()))
                .toList();

        Future.all(more).await(30, SECONDS);
        assertThat(closeHandlers).hasSize(2);
    }

    private Future<Void> run(Future<Void> work) {
        return sessions.run(Settings.postgres(5432, "postgres", ""), session -> work);
    }

    @SuppressWarnings("unchecked")
    private SqlConnection newConnection() {
        return (SqlConnection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {SqlConnection.class}, (self, method, arguments) -> {
                    if (method.getName().equals("closeHandler")) {
                        closeHandlers.add((Handler<Void>) arguments[0]);
                        return self;
                    }
                    firstClosed.tryComplete();
                    return Future.succeededFuture();
                });
    }
}
