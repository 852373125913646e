package dev.plinth.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The fat jar with many plugins that do next to nothing, as a process of its own. */
final class Backends {

    private static final String PLUGIN =
            """
            package made;
            import dev.plinth.plugin.*;
            import io.vertx.core.Future;
            public final class P%1$d implements Plugin {
                @Override public String id() { return "p%1$d"; }
                @Override public Future<?> start(PluginContext context) {
                    return context.database().onSuccess(pool -> context.router().get("/one")
                            .respond(request -> pool.query("SELECT id FROM item").execute().map(Rows::toJson)));
                }
            }
            """;

    private static final String MIGRATION = "CREATE TABLE item (id INT PRIMARY KEY)";

    private final Path root;
    private final Postgres server;

    Backends(Setup setup) {
        this.root = setup.root();
        this.server = setup.postgres();
    }

    /** A backend that is up. */
    record Running(Process process, String url, Duration start) implements AutoCloseable {

        /** Bytes in use after a collection. */
        long heap() throws Exception {
            tool("GC.run");
            String info = tool("GC.heap_info");
            return info.lines()
                            .filter(line -> line.contains(" used "))
                            .filter(line -> line.contains("generation") || line.contains("garbage-first"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll(".* used (\\d+)K.*", "$1")))
                            .sum()
                    * 1024;
        }

        int threads() throws IOException {
            return Integer.parseInt(Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("Threads:"))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("\\D", ""));
        }

        private String tool(String order) throws Exception {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(process.pid()),
                            order)
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        /** What a plugin's route answers. */
        int ask(int plugin) throws IOException {
            var connection = (java.net.HttpURLConnection)
                    URI.create(url + "/api/p" + plugin + "/one").toURL().openConnection();
            return connection.getResponseCode();
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
            process.destroyForcibly();
        }
    }

    /** @param settings further arguments of {@code plinth start} */
    Running start(Path jars, List<String> settings) throws Exception {
        Path directory = Files.createTempDirectory("plinth-bench");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-jar",
                root.resolve("runtime/target/plinth.jar").toString(),
                "start"));
        List.of(
                        "backend.listen.host=127.0.0.1",
                        "backend.listen.port=0",
                        "backend.admin.listen=127.0.0.1:0",
                        "backend.pluginDirectories=[\"" + jars + "\"]",
                        "backend.database.client=pg",
                        "backend.database.connection.host=127.0.0.1",
                        "backend.database.connection.port=" + server.port(),
                        "backend.database.connection.user=postgres",
                        "backend.database.connection.password=" + Postgres.PASSWORD)
                .forEach(setting -> command.addAll(List.of("--set", setting)));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("log").toFile())
                .start();
        BufferedReader out = process.inputReader();
        String line;
        while ((line = out.readLine()) != null) {
            if (line.startsWith("plinth ready ")) {
                return new Running(process, line.split(" ", -1)[2], Duration.ofNanos(System.nanoTime() - begun));
            }
        }
        throw new IOException("the backend did not start, see " + directory.resolve("log"));
    }

    /** A directory with one jar that holds so many plugins. */
    static Path plugins(int count) throws IOException {
        Path directory = Files.createTempDirectory("plinth-bench-jars");
        Path classes = Files.createDirectory(directory.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> sources = new ArrayList<>();
        StringBuilder services = new StringBuilder();
        for (int i = 0; i < count; i++) {
            sources.add(source("P" + i, PLUGIN.formatted(i)));
            services.append("made.P").append(i).append('\n');
        }
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        if (!compiler.getTask(null, null, null, options, null, sources).call()) {
            throw new IOException("the plugins do not compile");
        }
        Path jars = Files.createDirectory(directory.resolve("jars"));
        try (OutputStream file = Files.newOutputStream(jars.resolve("plugins.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            add(
                    jar,
                    "META-INF/services/dev.plinth.plugin.Plugin",
                    services.toString().getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < count; i++) {
                add(jar, "made/P" + i + ".class", Files.readAllBytes(classes.resolve("made/P" + i + ".class")));
                add(jar, "db/migration/p" + i + "/V1__item.sql", MIGRATION.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jars;
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///made/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static void add(JarOutputStream jar, String name, byte[] content) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(content);
        jar.closeEntry();
    }
}
