package dev.plinth.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private final Path jar;
    private final List<String> options;
    private final Postgres server;

    Backends(Setup setup) {
        this(setup.root().resolve("runtime/target/plinth.jar"), List.of(), setup);
    }

    private Backends(Path jar, List<String> options, Setup setup) {
        this.jar = jar;
        this.options = options;
        this.server = setup.postgres();
    }

    /** Started with an archive of classes. */
    static Backends optimized(Setup setup) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("plinth-bench");
        Path jar = Files.copy(setup.root().resolve("runtime/target/plinth.jar"), directory.resolve("plinth.jar"));
        return new Backends(jar, PlinthHome.optimize(jar), setup);
    }

    /** @param settings further arguments of {@code plinth start} */
    Child start(Path jars, List<String> settings) throws IOException {
        Path directory = Files.createTempDirectory("plinth-bench");
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of("-Xmx512m", "-jar", jar.toString(), "start"));
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
                .forEach(setting -> arguments.addAll(List.of("--set", setting)));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return Child.start(directory, directory.resolve("log"), arguments);
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
        Map<String, byte[]> content = new LinkedHashMap<>();
        content.put(
                "META-INF/services/dev.plinth.plugin.Plugin",
                services.toString().getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < count; i++) {
            content.put("made/P" + i + ".class", Files.readAllBytes(classes.resolve("made/P" + i + ".class")));
            content.put("db/migration/p" + i + "/V1__item.sql", MIGRATION.getBytes(StandardCharsets.UTF_8));
        }
        Jars.write(jars.resolve("plugins.jar"), content);
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
}
