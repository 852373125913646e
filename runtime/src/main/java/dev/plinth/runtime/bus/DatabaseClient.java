package dev.plinth.runtime.bus;

import dev.plinth.plugin.DatabaseUnavailableException;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugin side's way to the database verticle. Any thread; results come on the caller's context. */
public final class DatabaseClient {

    /** The code with which the database side answers what {@link DatabaseRefusedException} stands for. */
    public static final int REFUSED = 2;

    /** The database side waits for a server that is away, and answers when it stops: there is no time to give up earlier. */
    private static final Duration PATIENCE = Duration.ofDays(3650);

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClient.class);

    private final Vertx vertx;

    public DatabaseClient(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Asks for the plugin's database, created and migrated. While its server is away the future stays open.
     *
     * @return fails with {@link DatabaseUnavailableException} when waiting cannot help, with {@link DatabaseRefusedException} among
     *     them when somebody else may change that; asking again later is allowed
     */
    public Future<DatabaseReply> request(DatabaseRequest request) {
        return this.<DatabaseReply>send(DatabaseRequest.ADDRESS, request)
                .recover(failure -> Future.failedFuture(translate(request.pluginId(), failure)));
    }

    /** Gives the pool of a plugin's run up, once all of its instances have stopped. Work on the pool fails from then on. */
    public Future<Void> release(String pluginId, long run) {
        return this.<Object>send(DatabaseRelease.ADDRESS, new DatabaseRelease(pluginId, run))
                .<Void>mapEmpty()
                .recover(failure ->
                        isGone(failure) ? Future.succeededFuture() : Future.failedFuture(translate(pluginId, failure)));
    }

    /** Takes back what a plugin's run holds on an event loop that is blocked, before what is asked for after this. */
    public void recall(String pluginId, long run, EventExecutor loop) {
        tell(DatabaseRecall.ADDRESS, new DatabaseRecall(pluginId, run, loop));
    }

    /** Tells that an event loop is blocked, and will not go on soon. */
    public void blocked(EventExecutor loop) {
        tell(BlockedLoop.ADDRESS, new BlockedLoop(loop));
    }

    private void tell(String address, Object message) {
        try {
            vertx.eventBus().send(address, message, new DeliveryOptions().setLocalOnly(true));
        } catch (IllegalArgumentException gone) {
            // The database side has ended, and all connections with it.
            LOG.debug("nobody to tell {}", message, gone);
        }
    }

    /**
     * Copies the plugin's database, as it is at one moment, into a new file; the plugin goes on serving.
     *
     * @param directory is made where it is missing
     * @return the copy; fails with what is in the way, such as a copy that is there already, or a database on PostgreSQL, for
     *     which there is pg_dump
     */
    public Future<Path> backup(String pluginId, Path directory) {
        return this.<String>send(BackupRequest.ADDRESS, new BackupRequest(pluginId, directory))
                .map(Path::of)
                .recover(failure -> Future.failedFuture(translate(pluginId, failure)));
    }

    private <T> Future<T> send(String address, Object message) {
        DeliveryOptions options = new DeliveryOptions().setLocalOnly(true).setSendTimeout(PATIENCE.toMillis());
        try {
            return vertx.eventBus().<T>request(address, message, options).map(Message::body);
        } catch (IllegalArgumentException e) {
            // The codecs are gone with the database side.
            return Future.failedFuture(new ReplyException(ReplyFailure.NO_HANDLERS, e.getMessage()));
        }
    }

    /** The one place where a failure that crossed the bus becomes a type again. */
    private static DatabaseUnavailableException translate(String pluginId, Throwable failure) {
        if (failure instanceof ReplyException reply && reply.failureCode() == REFUSED) {
            return new DatabaseRefusedException(String.valueOf(failure.getMessage()));
        }
        return new DatabaseUnavailableException(
                isGone(failure)
                        ? "plugin '" + pluginId + "': the database side of this backend is not running"
                        : String.valueOf(failure.getMessage()));
    }

    private static boolean isGone(Throwable failure) {
        return failure instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }
}
