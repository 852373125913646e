package dev.plinth.runtime;

import dev.plinth.plugin.CallException;
import dev.plinth.plugin.CallException.Code;
import dev.plinth.runtime.bus.PluginCalls.Call;
import dev.plinth.runtime.config.Secret;
import dev.plinth.runtime.plugin.OtherInstances;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Other instances, reached through their servers for operators. Thread-safe. */
final class PeerInstances implements OtherInstances {

    private static final Logger LOG = LoggerFactory.getLogger(PeerInstances.class);
    private static final int CONNECTIONS = 64;
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(3);
    private static final Duration EVENT_PATIENCE = Duration.ofSeconds(10);
    /** Those who do not take them in time lose them, and must not fill the memory. */
    private static final int MAX_EVENTS = 1_000;

    private final ContextInternal context;
    private final List<PeerSettings> peers;
    private volatile Optional<Secret> token;
    private final HttpClient client;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();

    /** With the token that all instances share. */
    PeerInstances(Vertx vertx, List<PeerSettings> peers, Optional<Secret> token) {
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.peers = List.copyOf(peers);
        this.token = token;
        this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    }

    /** Sends another token from now on. */
    void use(Secret renewed) {
        token = Optional.of(renewed);
    }

    /** On whose event loop its connections live. */
    Context context() {
        return context;
    }

    @Override
    public boolean have(String pluginId) {
        return !with(pluginId).isEmpty();
    }

    @Override
    public Future<JsonObject> call(Call call) {
        List<PeerSettings> inTurn = new ArrayList<>(with(call.pluginId()));
        Collections.rotate(inTurn, turn.getAndIncrement() % inTurn.size());
        Promise<JsonObject> answer = Promise.promise();
        context.runOnContext(v -> first(call, inTurn)
                .timeout(Math.max(1, call.left().toMillis()), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(translate(call, failure)))
                .onComplete(answer));
        return answer.future();
    }

    @Override
    public void publish(String address, JsonObject event) {
        peers.forEach(peer -> {
            if (events.incrementAndGet() > MAX_EVENTS) {
                events.decrementAndGet();
                LOG.warn("an event is lost to {}: {} others are on their way", peer.url(), MAX_EVENTS);
            } else {
                context.runOnContext(v -> tell(peer, address, event).onComplete(done -> events.decrementAndGet()));
            }
        });
    }

    private Future<?> tell(PeerSettings peer, String address, JsonObject event) {
        return connect(peer, "/admin/events/" + encoded(address))
                .compose(request -> send(peer, request, event))
                .timeout(EVENT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> LOG.warn("an event is lost to {}: {}", peer.url(), failure.getMessage()));
    }

    /** The first that can be reached: to one that took the call it may have done something. */
    private Future<JsonObject> first(Call call, List<PeerSettings> left) {
        PeerSettings peer = left.get(0);
        return connect(peer, "/admin/calls/" + encoded(call.pluginId()) + "/" + encoded(call.method()))
                .transform((request, failure) -> {
                    if (failure == null) {
                        return send(peer, request, InstanceCalls.write(call))
                                .map(InstanceCalls::result)
                                .recover(lost -> Future.failedFuture(isGone(lost) ? gone(call, peer) : lost));
                    }
                    return left.size() > 1
                            ? first(call, left.subList(1, left.size()))
                            : Future.failedFuture(call.failure(
                                    Code.NOT_READY,
                                    "",
                                    "the instance at " + peer.url() + " cannot be reached: " + failure.getMessage()));
                });
    }

    private Future<HttpClientRequest> connect(PeerSettings peer, String path) {
        return client.request(new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(peer.url() + path)
                .setConnectTimeout(CONNECT_PATIENCE.toMillis()));
    }

    private Future<JsonObject> send(PeerSettings peer, HttpClientRequest request, JsonObject body) {
        token.ifPresent(secret -> request.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret.reveal()));
        return request.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .send(body.toBuffer())
                .compose(response -> response.body().map(answer -> read(peer, response.statusCode(), answer)));
    }

    private static JsonObject read(PeerSettings peer, int status, Buffer answer) {
        if (status != 200) {
            throw new IllegalStateException("the instance at " + peer.url() + " answers " + status
                    + (status == 401 ? "; backend.admin.token must be the same in all instances" : ""));
        }
        return new JsonObject(answer);
    }

    private static boolean isGone(Throwable failure) {
        return failure instanceof HttpClosedException || failure instanceof IOException;
    }

    /** As of a plugin of this process that stops before it has answered. */
    private static CallException gone(Call call, PeerSettings peer) {
        return call.failure(
                Code.NOT_READY,
                "",
                "the instance at " + peer.url()
                        + " went away before it answered; the call may have taken effect there");
    }

    private static CallException translate(Call call, Throwable failure) {
        if (failure instanceof CallException known) {
            return known;
        }
        return failure instanceof TimeoutException
                ? call.tooLate()
                : call.failure(Code.FAILED, "", String.valueOf(failure.getMessage()));
    }

    private List<PeerSettings> with(String pluginId) {
        String id = pluginId.toLowerCase(Locale.ROOT);
        return peers.stream().filter(peer -> peer.plugins().contains(id)).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
