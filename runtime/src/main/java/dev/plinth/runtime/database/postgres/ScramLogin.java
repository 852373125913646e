package dev.plinth.runtime.database.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.client.ScramClient.FinalBuildStage;
import com.ongres.scram.client.ScramClient.PasswordBuildStage;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.plinth.runtime.database.postgres.SaltedPasswords.Keys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Logs in with SCRAM in the driver's place, which salts the password for each login anew: that takes longer than all else about it. Any
 * other login is left to the driver. Used on the connection's event loop, from the first byte until the login is through.
 */
final class ScramLogin extends ByteToMessageDecoder {

    private static final int HEADER = 9;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private final String user;
    private final String password;
    private final SaltedPasswords passwords;
    private List<String> mechanisms = List.of();
    private String nonce = "";
    private Optional<Keys> expected = Optional.empty();
    private @Nullable ScramClient client;

    ScramLogin(String user, String password, SaltedPasswords passwords) {
        this.user = user;
        this.password = password;
        this.passwords = passwords;
    }

    /** Takes whole messages about authentication, and leaves at any other. */
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf received, List<Object> forDriver)
            throws ScramException {
        int start = received.readerIndex();
        if (received.getByte(start) != 'R') {
            leaveAt(context, received, forDriver);
        } else if (received.readableBytes() >= HEADER && received.readableBytes() > received.getInt(start + 1)) {
            ByteBuf content = received.slice(start + HEADER, received.getInt(start + 1) + 1 - HEADER);
            if (answer(context, received.getInt(start + 5), content)) {
                received.skipBytes(received.getInt(start + 1) + 1);
            } else {
                context.pipeline().remove(this);
            }
        }
    }

    /** Whether the server takes TLS is told in one byte, with the login still to come. */
    private void leaveAt(ChannelHandlerContext context, ByteBuf received, List<Object> forDriver) {
        if (received.readableBytes() == 1) {
            forDriver.add(received.readRetainedSlice(1));
        } else {
            context.pipeline().remove(this);
        }
    }

    /** Whether the message is none of the driver's. */
    private boolean answer(ChannelHandlerContext context, int code, ByteBuf content) throws ScramException {
        switch (code) {
            case SASL -> {
                if (password.isEmpty()) {
                    return false;
                }
                begin(context, content);
            }
            case SASL_CONTINUE -> prove(context, content.toString(UTF_8));
            case SASL_FINAL -> Objects.requireNonNull(client).serverFinalMessage(content.toString(UTF_8));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void begin(ChannelHandlerContext context, ByteBuf names) {
        List<String> offered = new ArrayList<>();
        for (int length = names.bytesBefore((byte) 0); length > 0; length = names.bytesBefore((byte) 0)) {
            offered.add(names.readCharSequence(length, UTF_8).toString());
            names.skipBytes(1);
        }
        mechanisms = offered;
        nonce = passwords.nonce();
        expected = passwords.latest(user, password);
        ScramClient first = client(context, stage -> expected.map(keys -> keys.of(stage))
                .orElseGet(() -> stage.password(password.toCharArray())));
        client = first;
        byte[] message = first.clientFirstMessage().toString().getBytes(UTF_8);
        ByteBuf body = context.alloc().buffer();
        ByteBufUtil.writeUtf8(body, first.getScramMechanism().getName());
        send(context, body.writeByte(0).writeInt(message.length).writeBytes(message));
    }

    /** The salt is known only now: where another was expected, the exchange goes on as if it had begun with the keys for this one. */
    private void prove(ChannelHandlerContext context, String salted) throws ScramException {
        ScramClient proving = Objects.requireNonNull(client);
        ServerFirstMessage message = proving.serverFirstMessage(salted);
        Keys keys = passwords.of(proving.getScramMechanism(), user, password, message);
        if (expected.orElse(null) != keys) {
            proving = client(context, keys::of);
            proving.clientFirstMessage();
            proving.serverFirstMessage(salted);
            client = proving;
        }
        ByteBuf body = context.alloc().buffer();
        ByteBufUtil.writeUtf8(body, proving.clientFinalMessage().toString());
        send(context, body);
    }

    private ScramClient client(
            ChannelHandlerContext context, Function<PasswordBuildStage, FinalBuildStage> credentials) {
        return credentials
                .apply(ScramClient.builder().advertisedMechanisms(mechanisms).username(user))
                .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
                .channelBinding(TlsServerEndpoint.TLS_SERVER_END_POINT, certificate(context))
                .nonceSupplier(() -> nonce)
                .build();
    }

    /** By which the login is bound to the encrypted channel; empty where there is none. */
    private static byte[] certificate(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls == null) {
            return new byte[0];
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain[0] instanceof X509Certificate certificate
                    ? TlsServerEndpoint.getChannelBindingData(certificate)
                    : new byte[0];
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            return new byte[0];
        }
    }

    private static void send(ChannelHandlerContext context, ByteBuf body) {
        ByteBuf message = context.alloc().buffer();
        message.writeByte('p').writeInt(Integer.BYTES + body.readableBytes()).writeBytes(body);
        body.release();
        var unused = context.writeAndFlush(message);
    }
}
