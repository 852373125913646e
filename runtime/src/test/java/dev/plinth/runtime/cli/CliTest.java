package dev.plinth.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {

    @TempDir
    private Path directory;

    private Terminal terminal;

    @BeforeEach
    void openTerminal() {
        terminal = Terminal.in(directory, Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config print --format json foreign",
                "config print foreign --format=json",
                "config print --format json --no-such-option",
                "config check --format json --config",
                "config explain --format json a b",
                "db plan --format json foreign",
                "db status --no-such-option --format json",
                "config print --format json --set novalue"
            })
    void tellsProgramsOfAWrongCommandLineAsOfAnyProblem(String commandLine) {
        assertThat(run(commandLine)).isEqualTo(64);

        assertThat(terminal.out()).isEmpty();
        JsonObject problem = new JsonObject(terminal.lastErrorLine())
                .getJsonArray("problems")
                .getJsonObject(0);
        assertThat(problem.getString("code")).isEqualTo("usage");
        assertThat(problem.getString("severity")).isEqualTo("error");
        assertThat(problem.getString("message")).isNotEmpty();
    }

    @Test
    void tellsPeopleInOneLineWhereHelpIs() {
        assertThat(run("config print foreign")).isEqualTo(64);

        assertThat(terminal.err())
                .isEqualTo("plinth: nothing is called 'foreign' here; see plinth config print --help\n");
    }

    @Test
    void suggestsTheNearestVerbAndOption() {
        assertThat(run("statsu")).isEqualTo(64);
        assertThat(run("plugin lst")).isEqualTo(64);
        assertThat(run("plugin list --formt=json")).isEqualTo(64);

        assertThat(terminal.err())
                .isEqualTo(
                        """
                        plinth: nothing is called 'statsu' here, did you mean 'status'? see plinth --help
                        plinth: nothing is called 'lst' here, did you mean 'list'? see plinth plugin --help
                        plinth: Unknown option: '--formt=***', did you mean '--format'? see plinth plugin list --help
                        """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:7008",
                "ftp://localhost:7008",
                "http://localhost:7008/admin",
                "http://localhost:7008?x=y",
                "http://localhost:7008#x",
                "http://somebody:hunter2@localhost:7008"
            })
    void refusesAnAddressOfABackendWithAnythingBesideHostAndPort(String url) {
        assertThat(run("status --url " + url)).isEqualTo(64);

        assertThat(terminal.err())
                .startsWith("--url: expected http://host:port, got ")
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "first\nsecond", "sésame"})
    void refusesAFileThatHoldsNoToken(String token) throws Exception {
        Files.writeString(directory.resolve("token"), token);

        assertThat(run("status --url http://localhost:1 --token-file token")).isEqualTo(64);

        assertThat(terminal.err())
                .isEqualTo("--token-file: token holds no token; it is one line of printable ASCII characters\n");
    }

    @Test
    void helpsWithVerbsOfVerbsToo() {
        assertThat(run("plugin stop --help")).isZero();
        String help = terminal.out();
        terminal = Terminal.in(directory, Map.of());

        assertThat(run("help plugin stop")).isZero();

        assertThat(terminal.out()).isEqualTo(help).startsWith("Usage: plinth plugin stop");
        assertThat(run("help nosuch")).isEqualTo(64);
        assertThat(terminal.err()).isEqualTo("plinth: Unknown subcommand 'nosuch'; see plinth --help\n");
        assertThat(run("help -h")).isZero();
        assertThat(run("help")).isZero();
    }

    @Test
    void refusesAPluginWithoutAName() {
        assertThat(Cli.run(terminal.console(), "plugin", "stop", "todo", "")).isEqualTo(64);

        assertThat(terminal.err()).isEqualTo("a plugin's id is not empty; see --help\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start foreign",
                "config schema foreign",
                "config docs foreign",
                "config check foreign",
                "db check foreign",
                "db migrate foreign",
                "strat"
            })
    void refusesForeignArguments(String commandLine) {
        assertThat(run(commandLine)).isEqualTo(64);
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void doesNotRepeatAValueThatAMisspeltOptionBrought() {
        assertThat(run("config print --sett a.password=hunter2")).isEqualTo(64);

        assertThat(terminal.err()).contains("--sett").doesNotContain("hunter2");
    }

    private int run(String commandLine) {
        return Cli.run(terminal.console(), commandLine.split(" "));
    }
}
