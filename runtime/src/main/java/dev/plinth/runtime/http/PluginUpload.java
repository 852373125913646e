package dev.plinth.runtime.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/** An upload whose events reach the plugin on the plugin's context. */
final class PluginUpload implements HttpServerFileUpload {

    private final HttpServerFileUpload delegate;
    private final ContextInternal context;

    PluginUpload(HttpServerFileUpload delegate, ContextInternal context) {
        this.delegate = delegate;
        this.context = context;
    }

    @Override
    public HttpServerFileUpload exceptionHandler(@Nullable Handler<Throwable> handler) {
        delegate.exceptionHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerFileUpload handler(@Nullable Handler<Buffer> handler) {
        delegate.handler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerFileUpload endHandler(@Nullable Handler<Void> handler) {
        delegate.endHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerFileUpload pause() {
        delegate.pause();
        return this;
    }

    @Override
    public HttpServerFileUpload resume() {
        delegate.resume();
        return this;
    }

    @Override
    public HttpServerFileUpload fetch(long amount) {
        delegate.fetch(amount);
        return this;
    }

    @Override
    public Future<Void> streamToFileSystem(String filename) {
        return OnContext.future(context, delegate.streamToFileSystem(filename));
    }

    @Override
    public boolean cancelStreamToFileSystem() {
        return delegate.cancelStreamToFileSystem();
    }

    @Override
    public String filename() {
        return delegate.filename();
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public String contentType() {
        return delegate.contentType();
    }

    @Override
    public String contentTransferEncoding() {
        return delegate.contentTransferEncoding();
    }

    @Override
    public String charset() {
        return delegate.charset();
    }

    @Override
    public long size() {
        return delegate.size();
    }

    @Override
    public boolean isSizeAvailable() {
        return delegate.isSizeAvailable();
    }

    @Override
    public AsyncFile file() {
        return delegate.file();
    }
}
