package dev.plinth.runtime.cli;

import static dev.plinth.runtime.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.database.PostgresSettings;
import dev.plinth.runtime.database.pool.PluginPool;
import dev.plinth.runtime.database.postgres.PostgresConnector;
import dev.plinth.runtime.testing.FreezableProxy;
import dev.plinth.runtime.testing.PostgresExtension;
import dev.plinth.runtime.testing.PostgresExtension.Server;
import dev.plinth.runtime.testing.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.dns.AddressResolverOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The database server moves: its name leads to another address, and where it was no one answers any more. */
@ExtendWith(PostgresExtension.class)
class AddressChangeIT {

    private static final String NAME = "database.plinth.test";
    /** Less than it takes to give up, and more than a busy machine needs. */
    private static final Duration ENOUGH = Duration.ofSeconds(15);

    private final Vertx others = Vertx.vertx();
    private Vertx vertx = others;
    private PostgresConnector connector = Settings.connector(others, Duration.ofSeconds(30));

    @AfterEach
    void close() {
        await(connector.close());
        await(vertx.close());
        await(others.close());
    }

    /** The name service says that its answer holds for an hour. */
    @Test
    void isFollowedWhateverTheNameServiceSaidBefore(Server server) throws IOException {
        NameService names = new NameService(others);
        recovers(server, resolver -> resolver.addServer("127.0.0.1:" + names.port()), names::lead);
    }

    @Test
    void isFollowedInTheHostsFile(Server server, @TempDir Path directory) throws IOException {
        Path hosts = directory.resolve("hosts");
        recovers(
                server,
                resolver -> resolver.setHostsPath(hosts.toString()),
                address -> Files.writeString(hosts, "127.0.0." + address + " " + NAME + "\n"));
    }

    interface Names {
        /** The name leads to 127.0.0.address from now on. */
        void lead(int address) throws IOException;
    }

    private void recovers(Server server, Consumer<AddressResolverOptions> source, Names names) throws IOException {
        names.lead(2);
        VertxOptions options = VertxSetup.options();
        source.accept(options.getAddressResolverOptions());
        vertx = Vertx.vertx(options);
        connector = Settings.connector(vertx, Duration.ofSeconds(30));
        try (FreezableProxy before = new FreezableProxy(server.port(), "127.0.0.2", 0)) {
            PostgresSettings settings = Settings.postgres(before.port(), "postgres", "public")
                    .copy()
                    .host(NAME)
                    .build();
            PluginPool pool = new PluginPool(vertx, "todo", connector.open(settings));
            await(pool.query("SELECT 1").execute());

            before.freezeAll();
            before.blackHole(true);
            try (FreezableProxy after = new FreezableProxy(server.port(), "127.0.0.3", before.port())) {
                names.lead(3);
                long moved = System.nanoTime();
                await(pool.query("SELECT 1").execute().otherwiseEmpty());
                await(pool.query("SELECT 1").execute());
                assertThat(Duration.ofNanos(System.nanoTime() - moved)).isLessThan(ENOUGH);
                assertThat(after.connections()).isPositive();
            }
        }
    }

    /** Answers every question for an address, with the one that it was told last. */
    private static final class NameService {

        private static final int HEADER = 12;

        private final DatagramSocket socket;
        private volatile int address;

        NameService(Vertx vertx) {
            socket = vertx.createDatagramSocket().handler(this::answer);
            await(socket.listen(0, "127.0.0.1"));
        }

        int port() {
            return socket.localAddress().port();
        }

        void lead(int to) {
            address = to;
        }

        private void answer(DatagramPacket packet) {
            Buffer question = packet.data();
            int end = HEADER;
            while (question.getByte(end) != 0) {
                end += 1 + question.getByte(end);
            }
            end += 5; // the last label's end, type and class
            boolean isIpv4 = question.getUnsignedShort(end - 4) == 1;
            Buffer answer = Buffer.buffer()
                    .appendUnsignedShort(question.getUnsignedShort(0))
                    .appendUnsignedShort(0x8180)
                    .appendUnsignedShort(1)
                    .appendUnsignedShort(isIpv4 ? 1 : 0)
                    .appendInt(0)
                    .appendBuffer(question.slice(HEADER, end));
            if (isIpv4) {
                answer.appendUnsignedShort(0xC000 + HEADER) // the name asked for
                        .appendUnsignedShort(1)
                        .appendUnsignedShort(1)
                        .appendInt(3600)
                        .appendUnsignedShort(4)
                        .appendBytes(new byte[] {127, 0, 0, (byte) address});
            }
            socket.send(answer, packet.sender().port(), packet.sender().host());
        }
    }
}
