package dev.plinth.runtime.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.HostAndPort;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response that a plugin writes from its own context.
 *
 * <p>Vert.x lets any thread write to a response; what it calls back would run on the connection's event loop, where a plugin's
 * code must not be. So every handler and future is brought to the plugin's context, and all else is passed on.
 */
final class PluginResponse implements HttpServerResponse {

    private static final Logger LOG = LoggerFactory.getLogger(PluginResponse.class);
    /** What is before it, no caller takes for the end of an answer; of what is behind the other, none can read the head. */
    private static final int FIRST_STATUS = 200;

    private static final int LAST_STATUS = 999;

    /** A longer text, in characters, takes so long to encode that others on the plugin's event loop would notice. */
    private static final int LONG_TEXT = 1_000_000;

    private final HttpServerResponse delegate;
    private final ContextInternal context;
    private final Exchange exchange;
    private final Traffic traffic;
    private final Visit visit;
    private final Answers answers;
    private final AtomicBoolean counted = new AtomicBoolean();
    private volatile @Nullable Handler<Void> headersEndHandler;
    private volatile @Nullable Handler<Void> endHandler;
    private volatile @Nullable WholeAnswer given;
    private volatile boolean encoding;
    private boolean bodyEndIsHandled;

    PluginResponse(Exchange exchange, ContextInternal context, Traffic traffic, Visit visit, Answers answers) {
        this.exchange = exchange;
        this.delegate = exchange.request().response();
        this.context = context;
        this.traffic = traffic;
        this.visit = visit;
        this.answers = answers;
        delegate.headersEndHandler(v -> headersEnd());
        delegate.endHandler(v -> finished());
    }

    private void headersEnd() {
        Handler<Void> handler = headersEndHandler;
        if (handler != null) {
            handler.handle(null);
        }
        traffic.head(exchange);
    }

    private void finished() {
        if (!counted.compareAndSet(false, true)) {
            return;
        }
        traffic.ended(exchange);
        visit.leave();
        Handler<Void> handler = endHandler;
        if (handler != null) {
            context.emit(null, handler);
        }
    }

    /** Vert.x does not call the end handler for a file that breaks off. */
    private Future<Void> file(Future<Void> sent) {
        return here(sent.onFailure(failure -> finished()));
    }

    /** What is asked of it after its end finds it ended. */
    private HttpServerResponse delegate() {
        WholeAnswer answer = given;
        if (answer != null) {
            answer.end();
        }
        return delegate;
    }

    /** What a plugin still says of an answer that was given in its place, nobody sees. */
    private HttpServerResponse head(Consumer<HttpServerResponse> change) {
        refuseMore();
        visit.unlessAnswered(() -> change.accept(delegate()));
        return this;
    }

    /** What was ended is over, though its body is still being encoded. */
    private void refuseMore() {
        if (encoding) {
            throw new IllegalStateException("Response has already been written");
        }
    }

    private Future<Void> answer(Buffer body) {
        refuseMore();
        if (!visit.begin()) {
            return answered();
        }
        if (!isAsAnnounced(body.length())) {
            return misframed();
        }
        if (body.length() > FairWrites.BYTES_AT_ONCE && !isWithoutBody()) {
            return here(inParts(body));
        }
        return isSeen() ? here(delegate().end(body)) : hand(body);
    }

    private Future<Void> answer(String text, Charset charset) {
        if (text.length() < LONG_TEXT) {
            return answer(Buffer.buffer(text, charset.name()));
        }
        refuseMore();
        if (!visit.begin()) {
            return answered();
        }
        encoding = true;
        return context.executeBlocking(() -> answerEncoded(text, charset), false)
                .compose(sent -> sent);
    }

    /** On a worker. */
    private Future<Void> answerEncoded(String text, Charset charset) {
        // To wrap the bytes spares another copy of them.
        Buffer body = BufferInternal.buffer(Unpooled.wrappedBuffer(text.getBytes(charset)));
        encoding = false;
        return answer(body);
    }

    /** In one piece, it would keep the connections' loop from all others while it is compressed or encrypted. */
    private Future<Void> inParts(Buffer body) {
        if (!isChunked() && !headWritten()) {
            headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        }
        return delegate().end(lastPart(body));
    }

    /** Writes all parts before it. */
    private Buffer lastPart(Buffer data) {
        int at = 0;
        for (; data.length() - at > FairWrites.BYTES_AT_ONCE; at += FairWrites.BYTES_AT_ONCE) {
            delegate().write(data.slice(at, at + FairWrites.BYTES_AT_ONCE));
        }
        return data.slice(at, data.length());
    }

    private boolean isAsAnnounced(int rest) {
        String announced = announcedLength();
        return announced == null || announced.equals(Long.toString(delegate.bytesWritten() + rest));
    }

    private boolean isBeyondAnnounced(int more) {
        String announced = announcedLength();
        return announced != null && delegate.bytesWritten() + more > Long.parseLong(announced);
    }

    private @Nullable String announcedLength() {
        String announced = ended() ? null : delegate.headers().get(HttpHeaders.CONTENT_LENGTH);
        return announced == null || isWithoutBody() ? null : announced;
    }

    private boolean isWithoutBody() {
        return exchange.request().method().equals(HttpMethod.HEAD)
                || getStatusCode() == HttpResponseStatus.NO_CONTENT.code()
                || getStatusCode() == HttpResponseStatus.NOT_MODIFIED.code();
    }

    /** Sent as it is, the connection's next answer would be taken for a part of this one, or this one's rest for the next. */
    private Future<Void> misframed() {
        IllegalStateException failure =
                new IllegalStateException("the body is not of the length that Content-Length says");
        LOG.error(
                "plugin '{}': request {} failed: {} {}",
                exchange.pluginId(),
                exchange.requestId(),
                exchange.request().method(),
                Printable.of(exchange.request().path()),
                failure);
        if (headWritten()) {
            delegate.reset();
        } else {
            exchange.problem(500, PluginErrors.seeLog(exchange.pluginId())).end(this);
        }
        return context.failedFuture(failure);
    }

    /** Whether somebody could tell when it ends, or it has begun already. */
    private boolean isSeen() {
        return headersEndHandler != null
                || endHandler != null
                || bodyEndIsHandled
                || exchange.isMultiplexed()
                || delegate().headWritten();
    }

    private Future<Void> hand(Buffer body) {
        PromiseInternal<Void> sent = context.promise();
        ContextInternal connection = exchange.request().context();
        WholeAnswer answer = new WholeAnswer(connection, delegate, body, sent);
        given = answer;
        answers.add(answer);
        return sent.future();
    }

    private Future<Void> answered() {
        return context.failedFuture("the request was answered in the plugin's place");
    }

    private <T> Future<T> here(Future<T> future) {
        return OnContext.future(context, future);
    }

    @Override
    public HttpServerResponse headersEndHandler(@Nullable Handler<Void> handler) {
        headersEndHandler = handler;
        return this;
    }

    @Override
    public HttpServerResponse endHandler(@Nullable Handler<Void> handler) {
        endHandler = handler;
        return this;
    }

    @Override
    public HttpServerResponse bodyEndHandler(@Nullable Handler<Void> handler) {
        bodyEndIsHandled = handler != null;
        delegate().bodyEndHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerResponse exceptionHandler(@Nullable Handler<Throwable> handler) {
        delegate().exceptionHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerResponse closeHandler(@Nullable Handler<Void> handler) {
        delegate().closeHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerResponse drainHandler(@Nullable Handler<Void> handler) {
        delegate().drainHandler(OnContext.handler(context, handler));
        return this;
    }

    @Override
    public HttpServerResponse setWriteQueueMaxSize(int maxSize) {
        delegate().setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return delegate().writeQueueFull();
    }

    @Override
    public int getStatusCode() {
        return delegate().getStatusCode();
    }

    @Override
    public HttpServerResponse setStatusCode(int statusCode) {
        if (statusCode < FIRST_STATUS || statusCode > LAST_STATUS) {
            throw new IllegalArgumentException(
                    "the status of an answer is " + FIRST_STATUS + " to " + LAST_STATUS + ", not " + statusCode);
        }
        return head(head -> head.setStatusCode(statusCode));
    }

    @Override
    public String getStatusMessage() {
        return delegate().getStatusMessage();
    }

    @Override
    public HttpServerResponse setStatusMessage(String statusMessage) {
        return head(head -> head.setStatusMessage(statusMessage));
    }

    @Override
    public HttpServerResponse setChunked(boolean chunked) {
        return head(head -> head.setChunked(chunked));
    }

    @Override
    public boolean isChunked() {
        return delegate().isChunked();
    }

    @Override
    public MultiMap headers() {
        return delegate().headers();
    }

    @Override
    public HttpServerResponse putHeader(String name, String value) {
        return head(head -> head.putHeader(name, value));
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, CharSequence value) {
        return head(head -> head.putHeader(name, value));
    }

    @Override
    public HttpServerResponse putHeader(String name, Iterable<String> values) {
        return head(head -> head.putHeader(name, values));
    }

    @Override
    public HttpServerResponse putHeader(CharSequence name, Iterable<CharSequence> values) {
        return head(head -> head.putHeader(name, values));
    }

    @Override
    public MultiMap trailers() {
        return delegate().trailers();
    }

    @Override
    public HttpServerResponse putTrailer(String name, String value) {
        return head(head -> head.putTrailer(name, value));
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, CharSequence value) {
        return head(head -> head.putTrailer(name, value));
    }

    @Override
    public HttpServerResponse putTrailer(String name, Iterable<String> values) {
        return head(head -> head.putTrailer(name, values));
    }

    @Override
    public HttpServerResponse putTrailer(CharSequence name, Iterable<CharSequence> values) {
        return head(head -> head.putTrailer(name, values));
    }

    @Override
    public Future<Void> writeHead() {
        return visit.begin() ? here(delegate().writeHead()) : answered();
    }

    @Override
    public Future<Void> write(Buffer data) {
        refuseMore();
        if (!visit.begin()) {
            return answered();
        }
        return isBeyondAnnounced(data.length()) ? misframed() : here(delegate().write(lastPart(data)));
    }

    @Override
    public Future<Void> write(String chunk, String encoding) {
        return write(Buffer.buffer(chunk, encoding));
    }

    @Override
    public Future<Void> write(String chunk) {
        return write(Buffer.buffer(chunk));
    }

    @Override
    public Future<Void> writeContinue() {
        return visit.isAbandoned() ? answered() : here(delegate().writeContinue());
    }

    @Override
    public Future<Void> writeEarlyHints(MultiMap headers) {
        return visit.isAbandoned() ? answered() : here(delegate().writeEarlyHints(headers));
    }

    @Override
    public Future<Void> end(String chunk) {
        return answer(chunk, StandardCharsets.UTF_8);
    }

    @Override
    public Future<Void> end(String chunk, String charset) {
        return answer(chunk, Charset.forName(charset));
    }

    @Override
    public Future<Void> end(Buffer chunk) {
        return answer(chunk);
    }

    /** An error without a body gets one: errors have one shape. */
    @Override
    public Future<Void> end() {
        refuseMore();
        if (!visit.begin()) {
            return answered();
        }
        return lacksBody()
                ? exchange.problem(getStatusCode(), detail(getStatusCode())).end(this)
                : empty();
    }

    private boolean lacksBody() {
        return getStatusCode() >= 400
                && !headWritten()
                && !headers().contains(HttpHeaders.CONTENT_TYPE)
                && !exchange.request().method().equals(HttpMethod.HEAD);
    }

    private Future<Void> empty() {
        if (!isAsAnnounced(0)) {
            return misframed();
        }
        return isSeen() ? here(delegate().end()) : hand(Buffer.buffer());
    }

    private String detail(int status) {
        String allowed = headers().get(HttpHeaders.ALLOW);
        return status == 405 && allowed != null
                ? "plugin '" + exchange.pluginId() + "' takes " + allowed.replace(",", ", ") + " here"
                : "";
    }

    @Override
    public Future<Void> sendFile(String filename, long offset, long length) {
        return visit.begin() ? file(delegate().sendFile(filename, offset, length)) : answered();
    }

    @Override
    public Future<Void> sendFile(FileChannel channel, long offset, long length) {
        return visit.begin() ? file(delegate().sendFile(channel, offset, length)) : answered();
    }

    @Override
    public Future<Void> sendFile(RandomAccessFile file, long offset, long length) {
        return visit.begin() ? file(delegate().sendFile(file, offset, length)) : answered();
    }

    @Override
    public boolean ended() {
        return encoding || given != null || delegate.ended();
    }

    @Override
    public boolean closed() {
        return delegate().closed();
    }

    @Override
    public boolean headWritten() {
        return encoding || given != null || delegate.headWritten();
    }

    @Override
    public long bytesWritten() {
        return delegate().bytesWritten();
    }

    @Override
    public int streamId() {
        return delegate().streamId();
    }

    @Override
    public Future<HttpServerResponse> push(HttpMethod method, HostAndPort authority, String path, MultiMap headers) {
        return here(delegate().push(method, authority, path, headers));
    }

    @Override
    public Future<Void> reset(long code) {
        return visit.begin() ? here(delegate().reset(code)) : answered();
    }

    @Override
    public Future<Void> writeCustomFrame(int type, int flags, Buffer payload) {
        return here(delegate().writeCustomFrame(type, flags, payload));
    }

    @Override
    public HttpServerResponse addCookie(Cookie cookie) {
        return head(head -> head.addCookie(cookie));
    }

    @Override
    public @Nullable Cookie removeCookie(String name, boolean invalidate) {
        return delegate().removeCookie(name, invalidate);
    }

    @Override
    public Set<Cookie> removeCookies(String name, boolean invalidate) {
        return delegate().removeCookies(name, invalidate);
    }

    @Override
    public @Nullable Cookie removeCookie(String name, String domain, String path, boolean invalidate) {
        return delegate().removeCookie(name, domain, path, invalidate);
    }
}
