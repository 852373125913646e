package dev.plinth.runtime.plugin;

import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.plugin.PluginException.Kind;
import dev.plinth.runtime.plugin.PluginRules.Admission;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a jar holds into the list of plugins: a new jar is started, a changed one replaces what was started from it before,
 * as a whole or not at all, and a jar that is gone takes its plugins along. Used on the host's context.
 */
final class JarChanges {

    private static final Logger LOG = LoggerFactory.getLogger(JarChanges.class);
    private static final Duration PATIENCE_LOOKED_AT = Duration.ofMillis(250);
    /** Why a jar is refused whose plugin is in another one already. */
    private static final String TAKEN = "in another jar already";

    private static final String OLD_GOES_ON = "the new version failed, the old one goes on: ";

    private final Hosting hosting;
    private final List<HostedPlugin> plugins;
    private final PluginLoader loader;
    private final PluginRules rules;
    private final LeakWatch leaks;
    private final JarWatcher watcher;
    private final Map<String, Future<?>> lastChanges = new HashMap<>();
    /** By their jar. */
    private final Map<String, JarReading> readings = new HashMap<>();

    private final Map<String, LeftOutJar> leftOut = new ConcurrentSkipListMap<>();
    private boolean closed;

    /** With the list of all plugins, which it changes. */
    JarChanges(Hosting hosting, List<HostedPlugin> plugins, PluginLoader loader, PluginRules rules) {
        this.hosting = hosting;
        this.plugins = plugins;
        this.loader = loader;
        this.rules = rules;
        this.leaks = new LeakWatch(hosting.context());
        this.watcher = new JarWatcher(hosting.context(), loader, this::changed);
    }

    static PluginVersion version(PluginDescriptor plugin, Admission admission) {
        return new PluginVersion(
                plugin,
                admission.settings().getOrDefault(plugin.id(), PluginSettings.DEFAULT),
                admission.config().child(plugin.id()));
    }

    /** What was found at first, and is not installed. */
    void leftOut(List<Problem> problems) {
        problems.stream()
                .filter(Problem::isError)
                .collect(Collectors.groupingBy(Problem::source))
                .forEach((source, ofJar) -> leave(
                        source,
                        ofJar.stream().map(Problem::message).collect(Collectors.joining("; ")),
                        ofJar.stream().anyMatch(problem -> problem.code().equals(Discovery.DUPLICATE))));
    }

    private void leave(String source, String reason, boolean duplicate) {
        leftOut.put(source, new LeftOutJar(source, reason, duplicate, Instant.now()));
    }

    /** Any thread. */
    List<LeftOutJar> leftOut() {
        return List.copyOf(leftOut.values());
    }

    /** Takes the jars that were not ready when the others were found. */
    void finishReadings() {
        for (JarReading reading : loader.unfinished()) {
            instead(reading.jar().toString(), () -> install(reading).otherwiseEmpty());
        }
    }

    void watch(Duration betweenLooks) {
        watcher.start(betweenLooks);
    }

    /** Of jars; nothing waits for it. */
    void removeAbandonedCopies() {
        var unused = hosting.context().executeBlocking(() -> {
            loader.removeAbandonedCopies();
            return null;
        });
    }

    /** No change is begun any more. */
    void close() {
        closed = true;
        watcher.close();
        readings.values().forEach(reading -> reading.giveUp(stopped()));
    }

    /** Lets go of all jars. */
    Future<Void> release() {
        return hosting.context().executeBlocking(() -> {
            plugins.forEach(plugin -> plugin.version().descriptor().close());
            loader.close();
            return null;
        });
    }

    /** As {@link #inTurn}, and a new version that cannot start as its database is away is not waited for. */
    <T> Future<T> instead(String source, Supplier<Future<T>> change) {
        from(source).forEach(HostedPlugin::interrupt);
        JarReading reading = readings.get(source);
        if (reading != null) {
            reading.giveUp(
                    refusal(source + ": " + reading.slowness() + "; something else was to be done with the jar"));
        }
        return inTurn(source, change);
    }

    /** One change of a jar after the other: two at a time could take the same plugin apart. */
    <T> Future<T> inTurn(String source, Supplier<Future<T>> change) {
        Future<?> last = lastChanges.getOrDefault(source, Future.succeededFuture());
        Future<T> next = last.transform(before -> closed ? stopping() : change.get());
        lastChanges.put(source, next);
        return next.onComplete(done -> lastChanges.remove(source, next));
    }

    /** Replaces all plugins of the jar that this one is from. */
    Future<List<PluginStatus>> reload(HostedPlugin plugin) {
        PluginDescriptor descriptor = plugin.version().descriptor();
        if (!descriptor.isReplaceable()) {
            return failure(
                    Kind.CONFLICT,
                    "not replaceable",
                    "plugin '" + plugin.id() + "' is on the class path; restart the process to replace it");
        }
        watcher.seen(Path.of(descriptor.source()));
        return load(Path.of(descriptor.source()));
    }

    private void changed(Path jar) {
        instead(jar.toString(), () -> Files.exists(jar) ? load(jar).otherwiseEmpty() : dismiss(jar));
    }

    /** What the jar holds now takes the place of what was started from it. */
    private Future<List<PluginStatus>> load(Path jar) {
        return hosting.context()
                .executeBlocking(rules::checksums)
                .compose(checksums -> install(loader.read(jar, checksums)));
    }

    private Future<List<PluginStatus>> install(JarReading reading) {
        String source = reading.jar().toString();
        return finish(reading)
                .recover(failure -> failure instanceof PluginException
                        ? Future.failedFuture(failure)
                        : failure(Kind.REFUSED, "cannot be read", source + ": " + unreadable(failure)))
                .compose(found -> install(source, found))
                .onSuccess(installed -> leftOut.remove(source))
                .onFailure(failure -> refused(source, failure));
    }

    /** Not on a worker of Vert.x, where one that never returns would keep all that comes after it. */
    private Future<Discovery> finish(JarReading reading) {
        String source = reading.jar().toString();
        readings.put(source, reading);
        long timer = hosting.context().setPeriodic(PATIENCE_LOOKED_AT.toMillis(), tick -> checkPatience(reading));
        return Future.fromCompletionStage(reading.result(), hosting.context()).onComplete(done -> {
            hosting.context().owner().cancelTimer(timer);
            readings.remove(source, reading);
        });
    }

    private void checkPatience(JarReading reading) {
        Set<String> ids = new TreeSet<>(reading.pluginIds());
        from(reading.jar().toString()).forEach(plugin -> ids.add(plugin.id()));
        var unused = hosting.context()
                .executeBlocking(() -> rules.startLimit(ids), false)
                .onSuccess(limit -> {
                    if (reading.age().compareTo(limit) >= 0) {
                        reading.giveUp(refusal(reading.jar() + ": " + reading.slowness()
                                + "; what is left of it runs on until the process ends"
                                + (ids.isEmpty()
                                        ? ""
                                        : "; see backend.plugins." + String.join(", ", ids) + ".startTimeout")));
                    }
                });
    }

    private static PluginException refusal(String message) {
        return new PluginException(Kind.REFUSED, "its code does not return", message);
    }

    private static String unreadable(Throwable failure) {
        return PluginFinder.unreadable(failure) + "; it is looked at again when it changes";
    }

    private void refused(String source, Throwable failure) {
        if (closed) {
            return;
        }
        List<HostedPlugin> installed = from(source);
        installed.forEach(plugin -> {
            String own = Failures.detailWithout(plugin.id(), failure);
            boolean ofAnother = own.equals(Failures.detail(failure));
            LOG.error("plugin '{}'{} {}", plugin.id(), ofAnother ? " goes on in the version before:" : ":", own);
            plugin.keep(whyNot(plugin.id(), failure));
        });
        if (installed.isEmpty()) {
            LOG.error("{}", Failures.detail(failure));
            leave(
                    source,
                    Failures.detail(failure).replaceFirst("^" + Pattern.quote(source) + ":? ", ""),
                    failure instanceof PluginException told && told.reason().equals(TAKEN));
        }
    }

    private Future<List<PluginStatus>> install(String source, Discovery found) {
        Optional<PluginException> objection = objectionTo(source, found);
        if (objection.isPresent()) {
            found.close();
            return Future.failedFuture(objection.get());
        }
        return hosting.context()
                .executeBlocking(() -> rules.admit(found))
                .compose(admission -> replace(source, found, admission))
                .onFailure(failure -> found.close());
    }

    private Optional<PluginException> objectionTo(String source, Discovery found) {
        if (!found.errors().isEmpty()) {
            return Optional.of(new PluginException(Kind.REFUSED, "cannot be loaded", found.errors()));
        }
        if (found.plugins().isEmpty()) {
            return Optional.of(new PluginException(Kind.REFUSED, "cannot be loaded", source + ": holds no plugin"));
        }
        return found.plugins().stream()
                .flatMap(plugin -> plugins.stream()
                        .filter(other -> other.id().equalsIgnoreCase(plugin.id()))
                        .map(other -> other.version().descriptor())
                        .filter(other -> !other.source().equals(source))
                        .map(other -> source + ' ' + PluginFinder.taken(plugin.id(), other)))
                .map(message -> new PluginException(Kind.REFUSED, TAKEN, message))
                .findFirst();
    }

    private Future<List<PluginStatus>> replace(String source, Discovery found, Admission admission) {
        // Another jar may have come meanwhile.
        Optional<PluginException> objection = objectionTo(source, found);
        if (objection.isPresent()) {
            return Future.failedFuture(objection.get());
        }
        List<PluginVersion> next = found.plugins().stream()
                .map(plugin -> version(plugin, admission))
                .toList();
        List<HostedPlugin> old = from(source);
        if (old.isEmpty()) {
            return startNew(next);
        }
        Map<String, HostedPlugin> hosted = new HashMap<>();
        old.forEach(plugin -> hosted.put(plugin.id(), plugin));
        List<Successor> successors = next.stream()
                .map(version -> new Successor(
                        hosted.computeIfAbsent(version.id(), id -> new HostedPlugin(hosting, version)), version))
                .toList();
        Set<PluginDescriptor> before = descriptors(old);
        return Future.join(successors.stream().map(Successor::prepare).toList())
                .transform((all, failure) ->
                        failure == null ? adopt(old, successors, before) : giveUp(old, successors, failure));
    }

    private Future<List<PluginStatus>> startNew(List<PluginVersion> versions) {
        List<HostedPlugin> added = versions.stream()
                .map(version -> new HostedPlugin(hosting, version))
                .toList();
        plugins.addAll(added);
        added.forEach(plugin -> tell("plugin '{}' has come, with {}", plugin));
        // One that waits for its database must not hold up other changes.
        added.stream().filter(HostedPlugin::isEnabled).forEach(plugin -> plugin.start()
                .onSuccess(status -> {
                    if (status.state().isServing() && status.attempts() == 1) {
                        LOG.info("plugin '{}' serves", plugin.id());
                    }
                }));
        plugins.stream().filter(HostedPlugin::lacksPeer).forEach(HostedPlugin::start);
        return Future.succeededFuture(statuses(added));
    }

    private Future<List<PluginStatus>> adopt(
            List<HostedPlugin> old, List<Successor> successors, Set<PluginDescriptor> before) {
        List<HostedPlugin> now = successors.stream().map(Successor::plugin).toList();
        List<HostedPlugin> gone =
                old.stream().filter(plugin -> !now.contains(plugin)).toList();
        now.stream().filter(plugin -> !plugins.contains(plugin)).forEach(plugins::add);
        Future<?> ended = Future.join(
                Future.join(successors.stream().map(Successor::adopt).toList()),
                Future.join(gone.stream().map(this::remove).toList()));
        // What still answers may need classes that were not loaded yet.
        ended.onComplete(v -> before.forEach(this::discard));
        List<PluginStatus> states = statuses(now);
        now.forEach(plugin -> tell("plugin '{}' is replaced by what {} holds now", plugin));
        return Future.succeededFuture(states);
    }

    private Future<List<PluginStatus>> giveUp(List<HostedPlugin> old, List<Successor> successors, Throwable failure) {
        String failed = successors.stream()
                .filter(Successor::failed)
                .map(successor -> successor.plugin().id())
                .findFirst()
                .orElse("");
        PluginException told = new PluginException(
                Kind.FAILED,
                "new version failed",
                "plugin '" + failed + "': " + OLD_GOES_ON + Failures.detailWithout(failed, failure));
        return Future.join(successors.stream().map(Successor::giveUp).toList())
                .compose(ended -> Future.join(old.stream()
                        .map(plugin -> plugin.keep(whyNot(plugin.id(), told)))
                        .toList()))
                .compose(again -> Future.failedFuture(told));
    }

    /** For whoever knows already that the plugin's new version does not run. */
    private static String whyNot(String pluginId, Throwable failure) {
        String why = Failures.detailWithout(pluginId, failure);
        return why.startsWith(OLD_GOES_ON) ? why.substring(OLD_GOES_ON.length()) : why;
    }

    private Future<List<PluginStatus>> dismiss(Path jar) {
        List<HostedPlugin> gone = from(jar.toString());
        Set<PluginDescriptor> before = descriptors(gone);
        leftOut.remove(jar.toString());
        return Future.join(gone.stream().map(this::remove).toList()).map(ended -> {
            before.forEach(this::discard);
            lookAgainAtDuplicates();
            return List.of();
        });
    }

    /** What stood in their way may be gone. */
    private void lookAgainAtDuplicates() {
        leftOut.values().stream()
                .filter(LeftOutJar::duplicate)
                .map(LeftOutJar::source)
                .map(Path::of)
                .forEach(this::changed);
    }

    private Future<?> remove(HostedPlugin plugin) {
        return plugin.stopOnDemand().onComplete(stopped -> {
            plugins.remove(plugin);
            hosting.listener().removed(plugin.id());
            tell("plugin '{}' is gone, with {}", plugin);
        });
    }

    private static void tell(String what, HostedPlugin plugin) {
        LOG.info(what, plugin.id(), plugin.version().descriptor().source());
    }

    private void discard(PluginDescriptor descriptor) {
        leaks.look(descriptor);
        descriptor.close();
    }

    private List<HostedPlugin> from(String source) {
        return plugins.stream()
                .filter(plugin -> plugin.version().descriptor().source().equals(source))
                .toList();
    }

    private static Set<PluginDescriptor> descriptors(List<HostedPlugin> plugins) {
        Set<PluginDescriptor> descriptors = new HashSet<>();
        plugins.forEach(plugin -> descriptors.add(plugin.version().descriptor()));
        return descriptors;
    }

    private static List<PluginStatus> statuses(List<HostedPlugin> plugins) {
        return plugins.stream().map(HostedPlugin::status).toList();
    }

    private static <T> Future<T> failure(Kind kind, String reason, String message) {
        return Future.failedFuture(new PluginException(kind, reason, message));
    }

    private static <T> Future<T> stopping() {
        return Future.failedFuture(stopped());
    }

    private static PluginException stopped() {
        return new PluginException(Kind.CONFLICT, "stopping", "the backend is stopping");
    }
}
