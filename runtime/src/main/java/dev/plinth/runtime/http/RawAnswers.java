package dev.plinth.runtime.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.buffer.Buffer;

/** Answers where there is no request to answer to. On the connection's event loop. */
final class RawAnswers {

    private RawAnswers() {}

    /** Says what is wrong, and closes the connection. */
    static void refuse(Channel channel, ProblemDetails problem) {
        Buffer body = problem.body();
        String head = "HTTP/1.1 " + HttpResponseStatus.valueOf(problem.status()) + "\r\n"
                + "content-type: application/problem+json\r\n"
                + "content-length: " + body.length() + "\r\n"
                + RequestIds.HEADER + ": " + problem.requestId() + "\r\n"
                + "connection: close\r\n\r\n";
        // Before the encoder, which knows of no request.
        ChannelHandlerContext encoder = channel.pipeline().context("httpEncoder");
        Buffer answer = Buffer.buffer(head.getBytes(US_ASCII)).appendBuffer(body);
        encoder.writeAndFlush(Unpooled.wrappedBuffer(answer.getBytes())).addListener(ChannelFutureListener.CLOSE);
    }
}
