package dev.plinth.runtime.plugin;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.eventbus.DeliveryContext;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageConsumerOptions;
import io.vertx.core.eventbus.MessageProducer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The event bus that all share, without the runtime's own addresses, and without what would change it for all. Thread-safe. */
final class PluginBus implements EventBus {

    static final String RUNTIMES_OWN = "plinth.";

    private final String pluginId;
    private final EventBus shared;
    private final Set<String> codecs = ConcurrentHashMap.newKeySet();
    private final Set<Class<?>> defaultCodecs = ConcurrentHashMap.newKeySet();

    PluginBus(String pluginId, EventBus shared) {
        this.pluginId = pluginId;
        this.shared = shared;
    }

    /** Codecs that stay would keep the plugin's classes, and the next version from registering its own. */
    void end() {
        codecs.forEach(shared::unregisterCodec);
        defaultCodecs.forEach(shared::unregisterDefaultCodec);
    }

    @Override
    public EventBus send(String address, @Nullable Object message) {
        shared.send(allowed(address), message);
        return this;
    }

    @Override
    public EventBus send(String address, @Nullable Object message, DeliveryOptions options) {
        shared.send(allowed(address), message, options);
        return this;
    }

    @Override
    public <T> Future<Message<T>> request(String address, @Nullable Object message, DeliveryOptions options) {
        return shared.request(allowed(address), message, options);
    }

    @Override
    public EventBus publish(String address, @Nullable Object message) {
        shared.publish(allowed(address), message);
        return this;
    }

    @Override
    public EventBus publish(String address, @Nullable Object message, DeliveryOptions options) {
        shared.publish(allowed(address), message, options);
        return this;
    }

    @Override
    public <T> MessageConsumer<T> consumer(MessageConsumerOptions options) {
        allowed(options.getAddress());
        return shared.consumer(options);
    }

    @Override
    public <T> MessageConsumer<T> consumer(MessageConsumerOptions options, Handler<Message<T>> handler) {
        allowed(options.getAddress());
        return shared.consumer(options, handler);
    }

    @Override
    public <T> MessageConsumer<T> consumer(String address) {
        return shared.consumer(allowed(address));
    }

    @Override
    public <T> MessageConsumer<T> consumer(String address, Handler<Message<T>> handler) {
        return shared.consumer(allowed(address), handler);
    }

    @Override
    public <T> MessageConsumer<T> localConsumer(String address) {
        return shared.localConsumer(allowed(address));
    }

    @Override
    public <T> MessageConsumer<T> localConsumer(String address, Handler<Message<T>> handler) {
        return shared.localConsumer(allowed(address), handler);
    }

    @Override
    public <T> MessageProducer<T> sender(String address) {
        return shared.sender(allowed(address));
    }

    @Override
    public <T> MessageProducer<T> sender(String address, DeliveryOptions options) {
        return shared.sender(allowed(address), options);
    }

    @Override
    public <T> MessageProducer<T> publisher(String address) {
        return shared.publisher(allowed(address));
    }

    @Override
    public <T> MessageProducer<T> publisher(String address, DeliveryOptions options) {
        return shared.publisher(allowed(address), options);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Vert.x declares it
    public EventBus registerCodec(MessageCodec codec) {
        shared.registerCodec(codec);
        codecs.add(codec.name());
        return this;
    }

    @Override
    public EventBus unregisterCodec(String name) {
        if (codecs.remove(name)) {
            shared.unregisterCodec(name);
        }
        return this;
    }

    @Override
    public <T> EventBus registerDefaultCodec(Class<T> type, MessageCodec<T, ?> codec) {
        shared.registerDefaultCodec(type, codec);
        defaultCodecs.add(type);
        return this;
    }

    @Override
    @SuppressWarnings("rawtypes") // as Vert.x declares it
    public EventBus unregisterDefaultCodec(Class type) {
        if (defaultCodecs.remove(type)) {
            shared.unregisterDefaultCodec(type);
        }
        return this;
    }

    @Override
    public EventBus codecSelector(Function<Object, String> selector) {
        throw refusal();
    }

    @Override
    public <T> EventBus addOutboundInterceptor(Handler<DeliveryContext<T>> interceptor) {
        throw refusal();
    }

    @Override
    public <T> EventBus removeOutboundInterceptor(Handler<DeliveryContext<T>> interceptor) {
        throw refusal();
    }

    @Override
    public <T> EventBus addInboundInterceptor(Handler<DeliveryContext<T>> interceptor) {
        throw refusal();
    }

    @Override
    public <T> EventBus removeInboundInterceptor(Handler<DeliveryContext<T>> interceptor) {
        throw refusal();
    }

    @Override
    public EventBus clusterSerializableChecker(Function<String, Boolean> checker) {
        throw refusal();
    }

    @Override
    public EventBus serializableChecker(Function<String, Boolean> checker) {
        throw refusal();
    }

    @Override
    public boolean isMetricsEnabled() {
        return shared.isMetricsEnabled();
    }

    private String allowed(String address) {
        if (address.startsWith(RUNTIMES_OWN)) {
            throw new IllegalStateException("plugin '" + pluginId + "': addresses that begin with " + RUNTIMES_OWN
                    + " are the runtime's own; call other plugins with context.call()");
        }
        return address;
    }

    private IllegalStateException refusal() {
        return new IllegalStateException("plugin '" + pluginId
                + "' must not change how the event bus that all plugins share treats their messages");
    }
}
