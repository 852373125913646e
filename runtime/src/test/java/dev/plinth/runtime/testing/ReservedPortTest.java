package dev.plinth.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ReservedPortTest {

    @Test
    void refusesConnectionsUntilAServerListensThereMoreThanOnce() throws IOException {
        try (ReservedPort port = new ReservedPort()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
                try (ServerSocket server = new ServerSocket(port.number(), 1, InetAddress.getLoopbackAddress())) {
                    assertThat(server.getLocalPort()).isEqualTo(port.number());
                    connect(port);
                }
            }
        }
    }

    private static void connect(ReservedPort port) throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port.number()).close();
    }
}
