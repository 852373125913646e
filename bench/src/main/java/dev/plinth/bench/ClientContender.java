package dev.plinth.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client, or one for each plugin, under a load that always has so many operations in flight. Measures operations a second.
 *
 * @param <C> what the client can do
 */
final class ClientContender<C extends SqlClient> implements Contender {

    private final String name;
    private final Function<Vertx, Clients<C>> opener;
    private final int plugins;
    private final int inFlight;
    private final Operation<C> operation;
    private final List<Load.Worker> workers = new ArrayList<>();
    private @Nullable Vertx vertx;
    private @Nullable Clients<C> clients;

    /** What is done over and over, with the client of the plugin of this number. */
    interface Operation<C> {
        Future<?> start(C client, int plugin);
    }

    /**
     * @param plugins that share the load evenly, each on an event loop of its own as far as there are that many
     * @param inFlight operations under way at any time, of all plugins together
     */
    ClientContender(
            String name, Function<Vertx, Clients<C>> opener, int plugins, int inFlight, Operation<C> operation) {
        this.name = name;
        this.opener = opener;
        this.plugins = plugins;
        this.inFlight = inFlight;
        this.operation = operation;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void open() {
        Vertx created = Vertx.vertx();
        vertx = created;
        Clients<C> opened = opener.apply(created);
        clients = opened;
        List<Context> contexts = new ArrayList<>();
        for (int i = 0; i < plugins; i++) {
            contexts.add(((VertxInternal) created).createEventLoopContext());
        }
        for (int i = 0; i < inFlight; i++) {
            int plugin = i % plugins;
            C client = opened.of(plugin);
            workers.add(new Load.Worker(contexts.get(plugin), () -> operation.start(client, plugin)));
        }
    }

    @Override
    public double[] measure(Duration time) throws Exception {
        return new double[] {Load.perSecond(workers, time)};
    }

    @Override
    public void close() {
        if (clients != null) {
            clients.close();
        }
        Objects.requireNonNull(vertx).close().await();
    }
}
