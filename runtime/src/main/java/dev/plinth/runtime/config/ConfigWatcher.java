package dev.plinth.runtime.config;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the configuration again when a file changes, appears or vanishes, and when a store is due.
 *
 * <p>Looks at all files that the last loading asked for, so that a new {@code app-config.local.yaml} and the targets of includes
 * count. A configuration with errors is logged once and not taken: the last good one stays. Subscribers are told of their own
 * section alone, on the watcher's thread, and only when its values differ.
 */
public final class ConfigWatcher implements AutoCloseable {

    /** How often files are looked at; a change is read when two looks in a row saw the same, as it may be half written. */
    public static final Duration INTERVAL = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatcher.class);

    private record Subscriber(String key, Consumer<Config> listener) {}

    private final ConfigRequest request;
    private final StoreReader stores;
    private volatile ConfigSchema schema;
    private final List<ConfigRule> rules;
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    // The following are written on the watcher's thread only.
    private volatile LoadedConfig current;
    private Set<Path> files;
    private Fingerprint read = Fingerprint.NONE;
    private Fingerprint seen = Fingerprint.NONE;
    private List<Problem> reported = List.of();
    private Optional<Duration> poll = Optional.empty();
    private long lastReadNanos = System.nanoTime();

    /**
     * A watcher, not yet watching.
     *
     * @param initial as it was loaded from the request
     * @param schema of the runtime and the plugins; an error that it or a rule finds keeps a change from being taken
     * @param vertx for reading stores
     */
    public ConfigWatcher(
            ConfigRequest request,
            LoadedConfig initial,
            ConfigSchema schema,
            List<ConfigRule> rules,
            Supplier<Vertx> vertx) {
        this.request = request;
        this.current = initial;
        this.files = initial.files();
        this.schema = schema;
        this.rules = List.copyOf(rules);
        this.stores = new KeptStores(new VertxStores(vertx));
    }

    /**
     * Tells a listener of each real change at a key.
     *
     * @param key dotted path; empty for the whole configuration
     * @param listener called on the watcher's thread with what is at the key now
     */
    public void subscribe(String key, Consumer<Config> listener) {
        subscribers.add(new Subscriber(key, listener));
    }

    /** The last configuration without errors. Any thread. */
    public LoadedConfig current() {
        return current;
    }

    /** Another plugin says what its section may hold: from now on changes are checked against this. Any thread. */
    public void use(ConfigSchema newSchema) {
        schema = newSchema;
    }

    /** Begins to watch. What changed since the initial loading is noticed too. */
    public void start() {
        start(INTERVAL);
    }

    void start(Duration interval) {
        Thread thread = new Thread(() -> watch(interval), "plinth-config-watcher");
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops watching; a change that is being told is told to the end. */
    @Override
    public void close() {
        closed.countDown();
    }

    private void watch(Duration interval) {
        try {
            while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                lookSafely();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            // An uncaught one would end the watching without a word.
            LOG.error("looking for changes of the configuration failed", e);
        }
    }

    private void look() {
        Fingerprint now = Fingerprint.of(files);
        boolean settled = now.files().equals(seen.files());
        seen = now;
        if ((settled && !now.files().equals(read.files())) || isPollDue()) {
            read = now;
            reload();
        }
    }

    private boolean isPollDue() {
        return poll.isPresent()
                && System.nanoTime() - lastReadNanos > poll.get().toNanos();
    }

    private void reload() {
        lastReadNanos = System.nanoTime();
        ConfigLoader.Attempt attempt = ConfigLoader.attempt(request, stores);
        poll = attempt.poll();
        remember(attempt.loaded().files());
        if (!attempt.isComplete()) {
            refuse(attempt.problems());
            return;
        }
        LoadedConfig loaded = attempt.loaded().withSchema(schema);
        if (sameValues(current.config(), loaded.config())) {
            // As after each start: it was checked then, for which all plugins' jars had to be read.
            current = loaded;
            reported = List.of();
            return;
        }
        ConfigCheck check = ConfigCheck.of(loaded, schema, rules);
        if (check.hasErrors()) {
            refuse(check.problems());
        } else {
            reported = List.of();
            take(loaded);
        }
    }

    private static boolean sameValues(Config one, Config other) {
        return Objects.equals(one.toPlain(), other.toPlain());
    }

    /**
     * Looks from now on at what this loading asked for too. What was read stands for the files watched before, so that the next
     * look differs and loads once more: a new file may have changed since.
     */
    private void remember(Set<Path> newFiles) {
        Set<Path> all = new HashSet<>(current.files());
        all.addAll(newFiles);
        files = Set.copyOf(all);
    }

    private void refuse(List<Problem> problems) {
        if (!problems.equals(reported)) {
            reported = problems;
            LOG.error("the changed configuration has errors, the last good one stays");
            problems.stream().filter(Problem::isError).forEach(problem -> LOG.error("{}", problem));
        }
    }

    private void take(LoadedConfig loaded) {
        Config before = current.config();
        current = loaded;
        LOG.info("the configuration changed");
        for (Subscriber subscriber : subscribers) {
            Config now = at(loaded.config(), subscriber.key());
            if (!sameValues(at(before, subscriber.key()), now)) {
                tell(subscriber, now);
            }
        }
    }

    private static Config at(Config root, String key) {
        return key.isEmpty() ? root : root.at(key);
    }

    private static void tell(Subscriber subscriber, Config now) {
        try {
            subscriber.listener().accept(now);
        } catch (RuntimeException e) {
            LOG.error("a listener for changes of {} failed", subscriber.key(), e);
        }
    }
}
