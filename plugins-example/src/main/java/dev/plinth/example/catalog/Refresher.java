package dev.plinth.example.catalog;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings the catalog up to date with its files. What has not changed is read, but not written.
 *
 * <p>One refresh at a time runs in a process, however many instances the plugin has in it; those asked for meanwhile are one. Used
 * on the plugin's own context only.
 */
final class Refresher {

    private static final String LOCK = "dev.plinth.example.catalog.refresh";
    private static final long LOCK_TIMEOUT_MILLIS = 600_000;

    private final Vertx vertx;
    private final CatalogWriter writer;
    private Locations locations;
    private Future<Result> last = Future.succeededFuture(new Result(0, 0, 0));
    private @Nullable Future<Result> waiting;

    Refresher(Vertx vertx, CatalogWriter writer, Locations locations) {
        this.vertx = vertx;
        this.writer = writer;
        this.locations = locations;
    }

    /** Files read, files whose content was stored, files removed. */
    record Result(int read, int stored, int removed) {}

    void setLocations(Locations locations) {
        this.locations = locations;
    }

    /** Starts a refresh, now or after the one that runs; it sees all changes to files made before this call. */
    Future<Result> refresh() {
        if (waiting != null) {
            return waiting;
        }
        Promise<Result> refresh = Promise.promise();
        waiting = refresh.future();
        vertx.sharedData()
                .withLocalLock(LOCK, LOCK_TIMEOUT_MILLIS, () -> run(refresh.future()))
                .onComplete(done -> ended(refresh.future()))
                .onComplete(refresh);
        return refresh.future();
    }

    /** The refresh that ended last. */
    Future<Result> last() {
        return last;
    }

    /** Looks into the catalog before it looks for files: one that another instance adds meanwhile must not count as gone. */
    private Future<Result> run(Future<Result> refresh) {
        waitNoMore(refresh);
        Locations current = locations;
        return writer.files()
                .compose(stored -> vertx.executeBlocking(current::files).compose(files -> store(files, stored)));
    }

    private void ended(Future<Result> refresh) {
        waitNoMore(refresh);
        last = refresh;
    }

    /** Whoever asks from now on may have changed a file that this refresh has read. */
    private void waitNoMore(Future<Result> refresh) {
        if (waiting == refresh) {
            waiting = null;
        }
    }

    private Future<Result> store(List<Path> files, Map<String, String> stored) {
        Set<String> gone = new HashSet<>(stored.keySet());
        Future<Integer> count = Future.succeededFuture(0);
        for (Path file : files) {
            String name = Locations.name(file);
            gone.remove(name);
            count = count.compose(before ->
                    store(file, Optional.ofNullable(stored.get(name))).map(changed -> changed ? before + 1 : before));
        }
        return count.compose(changed ->
                remove(new ArrayList<>(gone)).map(removed -> new Result(files.size(), changed, gone.size())));
    }

    private Future<Boolean> store(Path file, Optional<String> fingerprint) {
        return vertx.executeBlocking(() -> read(file, fingerprint))
                .compose(descriptor -> descriptor.map(writer::store).orElseGet(() -> Future.succeededFuture(false)));
    }

    private Future<Void> remove(List<String> names) {
        Future<Void> removed = Future.succeededFuture();
        for (String name : names) {
            removed = removed.compose(done -> writer.remove(name));
        }
        return removed;
    }

    /** What the file says; nothing when that has not changed. Blocks. */
    private static Optional<Descriptor> read(Path file, Optional<String> fingerprint) {
        String name = Locations.name(file);
        try {
            byte[] content = Locations.read(file);
            return Optional.of(DescriptorReader.fingerprint(content))
                    .filter(now -> !fingerprint.equals(Optional.of(now)))
                    .map(now -> DescriptorReader.read(name, content));
        } catch (IOException e) {
            String reason = "cannot be read: " + e.getClass().getSimpleName() + ": " + e.getMessage();
            return Optional.of(DescriptorReader.unreadable(name, reason))
                    .filter(descriptor -> !fingerprint.equals(Optional.of(descriptor.fingerprint())));
        }
    }
}
