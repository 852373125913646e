package dev.plinth.runtime.testing;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles sources that are texts, with all that tests can use. */
public final class SourceCompiler {

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    /** One for all, as each would read the whole class path anew. */
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private SourceCompiler() {}

    /**
     * Writes the classes into the directory.
     *
     * @param sources by the names of their classes
     */
    public static synchronized void compile(Map<String, String> sources, Path target) {
        List<JavaFileObject> files = new ArrayList<>();
        sources.forEach((className, text) -> files.add(new Source(className, text)));
        List<String> options = List.of("-d", target.toString(), "-cp", CLASS_PATH, "-proc:none");
        if (!COMPILER.getTask(null, FILES, null, options, null, files).call()) {
            throw new AssertionError("does not compile:\n" + String.join("\n", sources.values()));
        }
    }

    private static final class Source extends SimpleJavaFileObject {

        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
