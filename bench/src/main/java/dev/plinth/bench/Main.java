package dev.plinth.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the benchmarks. */
@Command(
        name = "bench/run",
        description = "Measures Plinth beside what it could be replaced with, and writes tables and charts.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Main implements Callable<Integer> {

    private static final List<Benchmark> ALL = List.of(
            OnePlugin.selecting(),
            OnePlugin.inserting(),
            new ManyPlugins(true),
            new ManyPlugins(false),
            new Leases(),
            new MixedLoad(),
            SqliteStatements.selecting(),
            SqliteStatements.inserting(),
            new SqliteAtRest(),
            new HttpRequests(),
            new IdlePlugins(),
            new ManyStart(),
            new StartTime(),
            new MemoryAtRest(),
            new BackstagePeer());

    @Option(names = "--rounds", defaultValue = "5", description = "measurements of each contender (default: 5)")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "1", description = "length of each measurement (default: 1)")
    private double seconds;

    @Option(
            names = "--slices",
            defaultValue = "1",
            description = "parts of each measurement, in turn with the other contenders' (default: 1)")
    private int slices;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "only benchmarks whose names contain one of these; see --list")
    private List<String> only = List.of("");

    @Option(
            names = "--shapes",
            split = ",",
            paramLabel = "TEXT",
            description = "only shapes whose names contain one of these")
    private List<String> shapes = List.of("");

    @Option(names = "--list", description = "name the benchmarks, and end")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            defaultValue = "bench/results",
            description = "where results are written (default: bench/results)")
    private Path out = Path.of("bench/results");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Benchmark> chosen = ALL.stream()
                .filter(benchmark -> only.stream().anyMatch(benchmark.name()::contains))
                .toList();
        if (list) {
            chosen.forEach(benchmark -> say(benchmark.name() + ": " + benchmark.title()));
            return 0;
        }
        try (Setup setup = new Setup(Path.of("").toAbsolutePath())) {
            for (Benchmark benchmark : chosen) {
                measure(benchmark, setup);
            }
        }
        return 0;
    }

    private void measure(Benchmark benchmark, Setup setup) throws Exception {
        Duration time = Duration.ofMillis(Math.round(seconds * 1000));
        Outcome outcome = new Rounds(rounds, slices, time, this::isChosen, Main::say).run(benchmark, setup);
        String conditions =
                "%d interleaved rounds of %s s each%s, on %s. %s. Ratios are to the first contender of a shape."
                        .formatted(
                                rounds,
                                seconds,
                                slices > 1 ? " in " + slices + " slices" : "",
                                LocalDate.now(java.time.ZoneId.systemDefault()),
                                machine(setup));
        new Report(out, conditions).write(outcome);
        say("written to " + out.resolve(benchmark.name() + ".md"));
    }

    private boolean isChosen(Shape shape) {
        return shapes.stream().anyMatch(shape.name()::contains);
    }

    private static String machine(Setup setup) throws Exception {
        String server = setup.postgres().ask("SHOW server_version");
        return Machine.describe() + "; PostgreSQL " + server + " on the same machine";
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
