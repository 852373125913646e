package dev.plinth.runtime.plugin;

import io.vertx.core.internal.ContextInternal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices jars that come, change and go in the plugin directories. A jar counts when two looks in a row saw the same, as it may be
 * just being copied. Used on the host's context; looks on a worker.
 */
final class JarWatcher {

    /** How often the directories are looked at. */
    static final Duration INTERVAL = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(JarWatcher.class);

    private final ContextInternal context;
    private final PluginLoader loader;
    private final Consumer<Path> changed;
    private final Map<Path, JarStamp> known = new HashMap<>();
    private Map<Path, JarStamp> lastLook = Map.of();
    private Duration interval = INTERVAL;
    private boolean closed;

    JarWatcher(ContextInternal context, PluginLoader loader, Consumer<Path> changed) {
        this.context = context;
        this.loader = loader;
        this.changed = changed;
    }

    /** What changed since the loader looked first is noticed too. */
    void start(Duration betweenLooks) {
        interval = betweenLooks;
        known.putAll(loader.stamps());
        lastLook = Map.copyOf(known);
        next();
    }

    void close() {
        closed = true;
    }

    /** Somebody reads this jar now: what it is at the moment is no news. */
    void seen(Path jar) {
        JarStamp.of(jar).ifPresent(stamp -> known.put(jar, stamp));
    }

    private void next() {
        if (!closed) {
            context.setTimer(interval.toMillis(), timer -> lookAgain());
        }
    }

    /** Unless it was closed meanwhile: Vert.x's workers may have ended by then. */
    private void lookAgain() {
        if (!closed) {
            context.executeBlocking(this::look)
                    .onSuccess(this::compare)
                    .onFailure(failure -> LOG.error("looking for changed plugin jars failed", failure))
                    .onComplete(done -> next());
        }
    }

    private Map<Path, JarStamp> look() {
        Map<Path, JarStamp> now = new HashMap<>();
        for (Path directory : loader.directories()) {
            PluginFinder.list(directory).forEach(jar -> JarStamp.of(jar).ifPresent(stamp -> now.put(jar, stamp)));
        }
        return now;
    }

    private void compare(Map<Path, JarStamp> now) {
        Map<Path, JarStamp> before = lastLook;
        lastLook = now;
        List<Path> settled = new ArrayList<>();
        Map<Path, JarStamp> all = new HashMap<>(known);
        all.putAll(now);
        for (Path jar : all.keySet()) {
            Optional<JarStamp> stamp = Optional.ofNullable(now.get(jar));
            if (Objects.equals(before.get(jar), now.get(jar)) && !stamp.equals(Optional.ofNullable(known.get(jar)))) {
                settled.add(jar);
                stamp.ifPresentOrElse(found -> known.put(jar, found), () -> known.remove(jar));
            }
        }
        if (!closed) {
            settled.stream().sorted().forEach(changed);
        }
    }
}
