package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class StartOptionsTest {

    private final Console console = Terminal.in(Path.of("/work"), Map.of()).console();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--verbose",
                "--port 0",
                "--port=08080 --verbose",
                "--conf-dir /etc/plinth --log-format json",
                "--conf-dir=conf --log-format=TEXT",
                "--config a.yaml --config=b.yaml --config c.yaml",
                "--set a.b=c=d --set=e='f' --port 7 --set backend.listen.port=9 --set \"g\"=@h"
            })
    void readsAPlainStartAsPicocliDoes(String line) {
        List<String> options = line.isEmpty() ? List.of() : List.of(line.split(" ", -1));
        StartCommand command = new StartCommand(console);
        new CommandLine(command).parseArgs(options.toArray(String[]::new));

        assertThat(plain(options)).contains(command.options());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-V",
                "foreign",
                "--verb",
                "--verbose=true",
                "--verbose --verbose",
                "--port",
                "--port=",
                "--port x",
                "--port -1",
                "--port 123456",
                "--port 1 --port 2",
                "--log-format xml",
                "--log-format text --log-format json",
                "--conf-dir a --conf-dir b",
                "--set --verbose",
                "--config @arguments",
                "@arguments",
                "--"
            })
    void leavesEverythingElseToPicocli(String line) {
        assertThat(plain(List.of(line.split(" ", -1)))).isEmpty();
    }

    @Test
    void leavesOtherVerbsToPicocli() {
        assertThat(StartOptions.plain(console)).isEmpty();
        assertThat(StartOptions.plain(console, "status")).isEmpty();
    }

    private Optional<StartOptions> plain(List<String> options) {
        List<String> line = new ArrayList<>(options);
        line.add(0, "start");
        return StartOptions.plain(console, line.toArray(String[]::new));
    }
}
