package dev.plinth.runtime.http.admin;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Tells a monitoring system how the backend does. Called on the admin server's event loop, which must not be blocked. */
@FunctionalInterface
public interface MetricsPage {

    /** In the format that the reader accepts. */
    Future<Page> render(@Nullable String accept);

    /** A page as it is sent. */
    record Page(String contentType, Buffer body) {}
}
