package dev.plinth.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks are no part of the default build, and must not rot: whoever changes what they use sees it here. */
class BenchTest {

    @Test
    void theBenchmarksStillCompile(@TempDir Path classes) throws IOException {
        Path sources = Path.of(System.getProperty("plinth.root"), "bench", "src", "main", "java");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        List<String> options = List.of(
                "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none", "-nowarn");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null);
                Stream<Path> tree = Files.walk(sources)) {
            List<Path> all =
                    tree.filter(path -> path.toString().endsWith(".java")).toList();
            assertThat(all).isNotEmpty();
            compiler.getTask(null, files, problems, options, null, files.getJavaFileObjectsFromPaths(all))
                    .call();
        }
        assertThat(problems.getDiagnostics())
                .filteredOn(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
    }
}
