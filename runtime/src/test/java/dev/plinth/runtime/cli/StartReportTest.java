package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.http.ListenSettings;
import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StartReportTest {

    private final Terminal terminal = new Terminal(Path.of("."), Map.of(), false);

    @Test
    void saysHowManyMoreFailedThanItNames() {
        List<PluginStatus> plugins = IntStream.range(0, 10)
                .mapToObj(i -> new PluginStatus("bad" + i, PluginState.FAILED, "broken", "", Instant.now(), 1))
                .toList();

        new StartReport(terminal.console(), LogFormat.TEXT, Optional.empty())
                .ready("http", new ListenSettings("127.0.0.1", 1), new ListenSettings("127.0.0.1", 2), plugins);

        assertThat(terminal.err()).contains("bad7 failed: broken").doesNotContain("bad8");
        assertThat(terminal.err()).contains("and 2 more; plinth plugin list names them");
        assertThat(terminal.out()).isEqualTo("plinth ready http://127.0.0.1:1 (0 plugins ready, 10 failed)\n");
    }
}
