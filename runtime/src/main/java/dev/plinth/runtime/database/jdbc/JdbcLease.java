package dev.plinth.runtime.database.jdbc;

import dev.plinth.runtime.database.JdbcSettings;
import dev.plinth.runtime.database.pool.SourceConnection;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.spi.DatabaseMetadata;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection as its borrower sees it. */
final class JdbcLease extends SourceConnection {

    private final JdbcLink link;
    private final JdbcSettings settings;
    private final Supplier<Future<Void>> onClose;

    JdbcLease(JdbcLink link, JdbcSettings settings, Supplier<Future<Void>> onClose) {
        super("jdbc", settings.location());
        this.link = link;
        this.settings = settings;
        this.onClose = onClose;
    }

    @Override
    protected <R> void run(CommandBase<R> command, Completable<R> handler) {
        link.run(command, handler);
    }

    @Override
    protected Future<Void> end() {
        return onClose.get();
    }

    @Override
    public boolean isValid() {
        return super.isValid() && !link.isLost();
    }

    @Override
    public DatabaseMetadata getDatabaseMetaData() {
        return link.metadata();
    }

    @Override
    public @Nullable String user() {
        return settings.user().orElse(null);
    }

    @Override
    public int pipeliningLimit() {
        return 1;
    }
}
