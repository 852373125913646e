package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plinth.runtime.plugin.PluginState;
import dev.plinth.runtime.plugin.PluginStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunningBackendTest {

    @Test
    void isNotUpBeforeAnyPluginHasBegunToStart() {
        assertThat(RunningBackend.allWait(List.of(), Map.of())).isFalse();
    }

    @Test
    void namesThePluginsThatAreStillStartingIfAny() {
        PluginStatus ready = status("catalog", PluginState.READY);
        PluginStatus starting = status("todo", PluginState.MIGRATING);

        assertThat(RunningBackend.stillStarting(List.of(ready, starting)))
                .hasValue("still starting 1 of 2 plugins: todo (migrating)");
        assertThat(RunningBackend.stillStarting(List.of(ready))).isEmpty();
    }

    private static PluginStatus status(String id, PluginState state) {
        return new PluginStatus(id, state, "", "", Instant.EPOCH, 1);
    }
}
