package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunningBackendTest {

    @Test
    void isNotUpBeforeAnyPluginHasBegunToStart() {
        assertThat(RunningBackend.allWait(List.of(), Map.of())).isFalse();
    }
}
