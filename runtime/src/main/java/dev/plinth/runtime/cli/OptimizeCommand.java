package dev.plinth.runtime.cli;

import dev.plinth.runtime.database.sqlite.SqliteLibrary;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Makes later starts of the fat jar faster, by an archive of loaded classes for the Java that runs this. */
@Command(
        name = "optimize",
        description = {
            "Make later starts faster: write an archive of loaded classes, and SQLite's library, beside the jar.",
            "From Java 24 on that is an AOT cache, before that a class-data archive. It is made by a start in a directory"
                    + " of its own, with a plugin made for it: your plugins and databases are not touched.",
            "It serves this jar with this Java. With any other, Java says so or ignores it: run this again."
        },
        exitCodeOnInvalidInput = ExitCode.USAGE)
final class OptimizeCommand implements Callable<Integer> {

    private final Console console;

    OptimizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            Path jar = jar();
            Archive archive = Archive.beside(jar, Runtime.version().feature());
            write(jar, archive);
            console.out().println("wrote " + archive.file() + " (" + (Files.size(archive.file()) >> 20) + " MB)");
            console.out().println("start with: java @" + shown(archive.options()) + " -jar " + shown(jar) + " start");
            return ExitCode.SUCCESS;
        } catch (IOException e) {
            console.err().println(Failures.printable("plinth: " + e.getMessage()));
            return ExitCode.FAILURE;
        }
    }

    private void write(Path jar, Archive archive) throws IOException, InterruptedException {
        if (!Files.isWritable(archive.file().getParent())) {
            throw new IOException("cannot write to " + archive.file().getParent()
                    + ": run this as a user who can, or copy the jar to a directory of your own");
        }
        try (TrainingRun training = TrainingRun.prepare(jar)) {
            console.err().println("starting once to see what is loaded ...");
            training.start(archive.recording(training.directory()));
            console.err().println("writing " + archive.file().getFileName() + " ...");
            training.java(archive.creation(training.directory(), jar));
            archive.publish(
                    training.directory(),
                    SqliteLibrary.unpack(Objects.requireNonNull(archive.file().getParent())));
        }
    }

    private Path shown(Path path) {
        return path.startsWith(console.workingDirectory())
                ? console.workingDirectory().relativize(path)
                : path;
    }

    private static Path jar() throws IOException {
        try {
            Path code = Path.of(OptimizeCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isRegularFile(code)) {
                return code.toRealPath();
            }
            throw new IOException("only the fat jar can be optimized, and this runs from " + code);
        } catch (URISyntaxException e) {
            throw new IOException("cannot tell from which jar this runs", e);
        }
    }

    /**
     * The archive's file, and how one Java makes and uses it.
     *
     * @param options file of arguments for {@code java @file}
     * @param aot whether it is an AOT cache
     */
    record Archive(Path file, Path options, boolean aot) {

        private static final int AOT_SINCE = 24;
        private static final String RECORD = "record";

        static Archive beside(Path jar, int javaFeature) {
            boolean aot = javaFeature >= AOT_SINCE;
            return new Archive(
                    jar.resolveSibling(aot ? "plinth.aot" : "plinth.jsa"), jar.resolveSibling("plinth.options"), aot);
        }

        List<String> recording(Path directory) {
            Path record = directory.resolve(RECORD);
            return aot
                    ? List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + record)
                    : List.of("-XX:DumpLoadedClassList=" + record);
        }

        /** What is left out, and why, is of no use to an operator: hence no log. */
        List<String> creation(Path directory, Path jar) {
            Path record = directory.resolve(RECORD);
            Path target = directory.resolve(file.getFileName());
            return aot
                    ? List.of(
                            TrainingRun.GC,
                            "-Xlog:disable",
                            "-XX:AOTMode=create",
                            "-XX:AOTConfiguration=" + record,
                            "-XX:AOTCache=" + target,
                            "-cp",
                            jar.toString())
                    : List.of(
                            // The only collector that Java 17 can store objects with; any can load them.
                            "-XX:+UseG1GC",
                            "-Xlog:disable",
                            "-Xshare:dump",
                            "-XX:SharedClassListFile=" + record,
                            "-XX:SharedArchiveFile=" + target,
                            "-cp",
                            jar.toString());
        }

        /**
         * Puts the archive in its place; another that is in use stays whole for those who use it.
         *
         * @param properties of the system, as {@code name=value}
         */
        void publish(Path directory, List<String> properties) throws IOException {
            Path made = directory.resolve(file.getFileName());
            Path beside = Files.createTempFile(file.getParent(), "plinth", ".tmp");
            try {
                Files.copy(made, beside, StandardCopyOption.REPLACE_EXISTING);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(beside);
            }
            List<String> lines = new ArrayList<>(use());
            properties.forEach(property -> lines.add(quoted("-D" + property)));
            Files.writeString(options, String.join("\n", lines) + "\n");
        }

        private static String quoted(String text) {
            return "\"" + text.replace("\\", "\\\\") + "\"";
        }

        /** A Java that does not know the one kind of archive, or finds it made for another, starts without it. */
        private List<String> use() {
            String path = quoted(file.toString());
            return List.of(
                    TrainingRun.GC,
                    TrainingRun.HEAP,
                    TrainingRun.COMPILER,
                    TrainingRun.LOOPS,
                    "-XX:+IgnoreUnrecognizedVMOptions",
                    // Java's own warnings go to stdout by default, where programs read the ready line.
                    "-Xlog:disable -Xlog:all=warning:stderr",
                    aot ? "-XX:AOTCache=" + path : "-Xshare:auto -XX:SharedArchiveFile=" + path);
        }
    }
}
