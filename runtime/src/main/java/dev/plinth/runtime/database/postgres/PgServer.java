package dev.plinth.runtime.database.postgres;

import dev.plinth.runtime.database.Connector;
import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.Broker;
import dev.plinth.runtime.database.pool.ConnectionSource;
import dev.plinth.runtime.database.pool.Obstacle;
import dev.plinth.runtime.database.pool.ServerSnapshot;
import dev.plinth.runtime.database.pool.Slot;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.spi.ConnectionFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of this process to one PostgreSQL server. Any thread. */
final class PgServer implements Broker.Owner<PgLink> {

    private static final Logger LOG = LoggerFactory.getLogger(PgServer.class);

    private final String name;
    private final VertxInternal vertx;
    /** Of no plugin: what it does goes on whatever becomes of who happened to ask, and of the event loop of that one. */
    private final ContextInternal own;

    private final PgDialer dialer;
    private final PgPoolOptions options;
    private final Broker<PgLink> broker;
    private final ConnectionFactory<?> factory;
    private final Map<PgGroup, PostgresSettings> templates = new ConcurrentHashMap<>();
    private final Map<Slot<PgLink>, Attempt> attempts = new ConcurrentHashMap<>();
    private final Set<EventExecutor> blocked = ConcurrentHashMap.newKeySet();
    private final Set<PgLink> links = ConcurrentHashMap.newKeySet();
    private final Map<EventLoop, TurnClock> clocks = new ConcurrentHashMap<>();
    private final PgWatch watch = new PgWatch(this::connectAside, links);
    private final Failover failover = new Failover(this::connectAside, links);
    private final AtomicReference<@Nullable PgControl> control = new AtomicReference<>();
    private volatile FairShare.@Nullable Share share;
    /** What the plugins' pools and what is opened beside them may have together. */
    private volatile int limit;

    private final AtomicInteger beside = new AtomicInteger();
    private final Farewells farewells;

    /** A connection on its way. */
    private record Attempt(ContextInternal context, Promise<Void> abandoned) {}

    /** @param name tells this server from others */
    PgServer(String name, VertxInternal vertx, PgDialer dialer, PgPoolOptions options) {
        this.name = name;
        this.vertx = vertx;
        this.own = context(vertx.getOrCreateContext().nettyEventLoop());
        this.dialer = dialer;
        this.options = options;
        this.farewells = new Farewells(vertx, own);
        this.limit = options.budget().orElse(PgPoolOptions.DEFAULT_BUDGET);
        this.broker = new Broker<>(limit, System::nanoTime, this);
        this.factory = PgDriver.INSTANCE.createConnectionFactory(vertx, new io.vertx.core.net.NetClientOptions());
    }

    Broker<PgLink> broker() {
        return broker;
    }

    /** Used on this event loop only. */
    TurnClock clock(EventLoop loop) {
        TurnClock clock = clocks.get(loop);
        return clock == null ? clocks.computeIfAbsent(loop, TurnClock::new) : clock;
    }

    /** Never connects; the driver's wrappers want one. */
    ConnectionFactory<?> factory() {
        return factory;
    }

    ConnectionSource source(PostgresSettings settings) {
        PgGroup group = PgGroup.of(settings);
        templates.putIfAbsent(group, settings);
        takeShare(settings);
        PgBinding binding = group.isShared() ? new PgBinding(settings, applicationName(settings)) : null;
        return new PgSource(this, settings, group, binding);
    }

    String name() {
        return name;
    }

    ServerSnapshot snapshot() {
        Broker.Snapshot now = broker.snapshot();
        FairShare.Share known = share;
        return new ServerSnapshot(
                name,
                now.budget(),
                now.total(),
                now.idle(),
                now.total() - now.idle(),
                now.waiting(),
                now.borrowers(),
                now.wanted(),
                known == null ? OptionalInt.empty() : OptionalInt.of(known.allowed()),
                known == null
                        ? options.budget().map(budget -> budget + " as configured")
                        : Optional.of(known.describe()));
    }

    String describeBudget() {
        Broker.Snapshot now = broker.snapshot();
        return "all plugins together " + now.total() + " of " + now.budget();
    }

    private String applicationName(PostgresSettings settings) {
        String name = settings.applicationName();
        boolean isDefault = name.equals("plinth_plugin_" + settings.pluginId());
        return PgOptions.cut(isDefault ? name + "@" + options.instanceId() : name);
    }

    // ---- what the broker asks for

    @Override
    public void open(Slot<PgLink> slot) {
        PgGroup group = (PgGroup) slot.group().key();
        PostgresSettings settings = templates.get(group);
        if (settings == null) {
            throw new IllegalStateException("no settings for " + group);
        }
        farewells.closeNext();
        ContextInternal context = context(slot.affinity());
        Attempt attempt = new Attempt(context, Promise.promise());
        attempts.put(slot, attempt);
        dialed(() -> dialer.dial(
                        context,
                        settings,
                        overrides(group, settings),
                        attempt.abandoned().future()))
                .onComplete((line, error) -> {
                    if (!attempts.remove(slot, attempt)) {
                        giveUp(line);
                    } else if (error == null) {
                        PgLink link = new PgLink(context, line, slot, this, group.callTimeout());
                        links.add(link);
                        broker.opened(slot, link);
                    } else {
                        broker.failed(slot, new ConnectFailure(error), PgErrors.obstacle(error));
                    }
                });
    }

    /** It came after another was made in its place. */
    private static void giveUp(PgDialer.@Nullable Line line) {
        if (line != null) {
            line.cut((nothing, error) -> {});
        }
    }

    @Override
    public void abandon(Slot<PgLink> slot) {
        Attempt attempt = attempts.get(slot);
        if (attempt != null) {
            attempt.abandoned().tryComplete();
        }
    }

    // ---- event loops that are blocked

    /**
     * Uses no connection on this event loop until it goes on: what is to be begun there is begun on others, and so are attempts to
     * connect.
     */
    void avoid(EventExecutor loop) {
        blocked.add(loop);
        loop.execute(() -> blocked.remove(loop));
        on(loop).forEach(PgLink::avoid);
        attempts.forEach((slot, attempt) -> {
            if (attempt.context().nettyEventLoop() == loop && attempts.remove(slot, attempt)) {
                broker.failed(slot, new ConnectFailure(new Crossing.NotSentException()), Obstacle.PASSING);
            }
        });
    }

    /** Ends all connections on this event loop, which is blocked for good: the server undoes what is open there. */
    void giveUp(EventExecutor loop) {
        on(loop).forEach(PgLink::abandon);
    }

    private Stream<PgLink> on(EventExecutor loop) {
        return links.stream().filter(link -> link.context().nettyEventLoop() == loop);
    }

    private EventLoop freeLoop() {
        EventLoop loop = vertx.nettyEventLoopGroup().next();
        for (int tried = 0; tried < blocked.size() && blocked.contains(loop); tried++) {
            loop = vertx.nettyEventLoopGroup().next(); // they are dealt out in turn
        }
        return loop;
    }

    /** With the first plugin that reaches its database, so that instances that do nothing yet are counted too. */
    void takeShare(PostgresSettings settings) {
        if (options.budget().isEmpty() && control.get() == null) {
            PgControl created =
                    new PgControl(vertx, own, this::connectControl, settings, new Holding(), PgControl.EVERY);
            if (control.compareAndSet(null, created)) {
                created.start();
            }
        }
    }

    /** Counts a connection that is no plugin's pool's, from now until it is closed: the pools have so many less. */
    Future<PgDialer.Line> beside(Supplier<Future<PgDialer.Line>> dial) {
        beside.incrementAndGet();
        leaveRoom();
        farewells.login();
        return dialed(dial).onSuccess(this::tellWhenClosed).onFailure(error -> gone());
    }

    /** Where it is full, those that are to be closed have the place. */
    private Future<PgDialer.Line> dialed(Supplier<Future<PgDialer.Line>> dial) {
        boolean before = farewells.hasPlaces();
        return dial.get()
                .recover(error -> PgErrors.obstacle(error) == Obstacle.FULL && (before || farewells.hasPlaces())
                        ? farewells.close().compose(closed -> dial.get())
                        : Future.failedFuture(error));
    }

    /** A part of what this process may have; with more than so many nothing is won. */
    int preparedAtOnce() {
        return Math.max(Connector.PREPARED_AT_ONCE, Math.min(4 * Connector.PREPARED_AT_ONCE, limit / 4));
    }

    /**
     * Closes one of those beside the pools when there is time for it, as long as the pools have room. A connection that one of them
     * opens takes its place, and so does whoever finds the server, its role or its database full.
     */
    Future<Void> closeLater(SqlConnection session) {
        if (held() + PgPoolOptions.DEFAULT_BUDGET > limit) {
            return session.close();
        }
        farewells.add(session);
        return Future.succeededFuture();
    }

    private void tellWhenClosed(PgDialer.Line line) {
        var unused = line.handler().channel().closeFuture().addListener(closed -> gone());
    }

    private int held() {
        return broker.total() + beside.get();
    }

    private void gone() {
        beside.decrementAndGet();
        leaveRoom();
    }

    private void leaveRoom() {
        broker.budget(Math.max(1, limit - beside.get()));
    }

    /** The connections that the instances divide among each other. */
    private final class Holding implements PgControl.Owner {

        @Override
        public int held() {
            return PgServer.this.held();
        }

        @Override
        public void changed(FairShare.Share now, int limitNow) {
            limit = limitNow;
            leaveRoom();
            if (held() > limitNow) {
                var unused = farewells.close();
            }
            if (!now.equals(share)) {
                share = now;
                // Before there are pools there is nobody yet to share it.
                if (broker.snapshot().borrowers() > 0) {
                    LOG.info("{}", snapshot().describe());
                }
            }
        }
    }

    private Future<SqlConnection> connectControl(ContextInternal context, PostgresSettings settings) {
        return connect(
                context,
                settings,
                Map.of(
                        "application_name", PgOptions.cut("plinth:" + options.instanceId()),
                        "idle_session_timeout", String.valueOf(PgControl.GONE_AFTER.toMillis())));
    }

    private Future<SqlConnection> connectAside(ContextInternal context, PostgresSettings settings) {
        return connect(
                context, settings, Map.of("application_name", PgOptions.cut("plinth-watch@" + options.instanceId())));
    }

    private Future<SqlConnection> connect(
            ContextInternal context, PostgresSettings settings, Map<String, String> properties) {
        return dialer.dial(context, settings, properties).map(line -> Dedicated.wrap(context, settings, line));
    }

    private Map<String, String> overrides(PgGroup group, PostgresSettings settings) {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("application_name", applicationName(settings));
        if (group.isShared()) {
            // Nobody's: RESET search_path must not lead into the schema of whoever came first.
            overrides.put("search_path", "");
            overrides.put("application_name", PgOptions.cut("plinth@" + options.instanceId()));
        }
        if (!settings.properties().containsKey("statement_timeout")) {
            group.callTimeout()
                    .ifPresent(timeout -> overrides.put("statement_timeout", String.valueOf(timeout.toMillis())));
        }
        return overrides;
    }

    private ContextInternal context(@Nullable Object affinity) {
        return context(vertx, affinity instanceof EventLoop near && !blocked.contains(near) ? near : freeLoop());
    }

    /** A context of no deployment: a connection must outlive the plugin that happened to ask for it. */
    static ContextInternal context(VertxInternal vertx, EventLoop loop) {
        return vertx.contextBuilder()
                .withEventLoop(loop)
                .withClassLoader(PgServer.class.getClassLoader())
                .build();
    }

    @Override
    public void close(Slot<PgLink> slot) {
        PgLink link = slot.connection();
        if (blocked.contains(link.context().nettyEventLoop())) {
            link.abandon();
            return;
        }
        link.connection().close(link, (nothing, error) -> link.cut());
        // A server that does not answer does not close its end either.
        link.context().setTimer(PgPoolOptions.CLOSE_TIMEOUT.toMillis(), id -> link.cut());
    }

    @Override
    public void wakeIn(long nanos) {
        own.setTimer(Math.max(1, Duration.ofNanos(nanos).toMillis() + 1), id -> broker.advance());
    }

    // ---- what links tell

    void closed(PgLink link) {
        links.remove(link);
        broker.closed(link.slot());
    }

    void abandoned(PgLink link) {
        links.remove(link);
        broker.abandoned(link.slot());
    }

    Future<Boolean> isFailoverOver(PgLink refusing, PostgresSettings settings) {
        return failover.isOver(refusing, own, settings);
    }

    void discard(PgLink link) {
        broker.discard(link.slot());
    }

    /** A link has been waiting for an answer for too long. */
    void silent(PgLink link) {
        PostgresSettings settings = templates.get((PgGroup) link.slot().group().key());
        if (settings != null) {
            watch.silent(link, own, settings);
        }
    }

    void forgetStatements(PgSource source) {
        links.forEach(link -> link.context().emit(link, any -> link.forgetStatements(source)));
    }

    void forget(PgSource source) {
        links.forEach(link -> link.context().emit(link, any -> link.forget(source)));
    }

    Future<Void> close() {
        PgControl controlled = control.get();
        if (controlled != null) {
            controlled.close();
        }
        links.forEach(PgLink::discard);
        Promise<Void> promise = Promise.promise();
        factory.close(promise);
        return promise.future().eventually(farewells::close);
    }
}
