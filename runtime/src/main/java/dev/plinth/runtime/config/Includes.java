package dev.plinth.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Follows {@code $env}, {@code $file} and {@code $include}. */
final class Includes {

    private static final String ENV = "$env";
    private static final String FILE = "$file";
    private static final String INCLUDE = "$include";
    private static final Set<String> KEYS = Set.of(ENV, FILE, INCLUDE);

    /**
     * A value from elsewhere.
     *
     * @param frame where paths in it start
     * @param isConfig whether it is configuration itself, in which variables and includes are looked for
     */
    record Found(ConfigNode node, IncludeFrame frame, boolean isConfig) {}

    /** One include as it is written; messages show this, not what variables made of it, which may be a secret. */
    private record Reference(String kind, String value, KeyPath key, Origin origin) {

        String quoted() {
            return "\"" + value + "\"";
        }

        ConfigException failure(String code, String message, String hint) {
            return new ConfigException(
                    Problem.error(code, key.toString(), origin.toString(), kind + ": " + message, hint));
        }
    }

    private final SourceFiles files;
    private final Substitution substitution;
    private final List<Path> roots;
    private final Budget budget;
    private final Problems problems;

    Includes(SourceFiles files, Substitution substitution, List<Path> roots, Budget budget, Problems problems) {
        this.files = files;
        this.substitution = substitution;
        this.roots = roots;
        this.budget = budget;
        this.problems = problems;
    }

    static boolean isInclude(ConfigNode.Mapping mapping) {
        return kind(mapping).isPresent();
    }

    private static Optional<String> kind(ConfigNode.Mapping mapping) {
        for (String key : mapping.entries().keySet()) {
            if (KEYS.contains(key)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** The value included; null when it is absent, or in error, which is then among the problems. */
    @Nullable
    Found read(ConfigNode.Mapping mapping, KeyPath key, IncludeFrame frame, Cover cover) {
        try {
            Reference reference = reference(mapping, key);
            budget.spendInclude(key, reference.origin());
            boolean replaced =
                    cover.hides() || (cover.isPresent() && !reference.kind().equals(INCLUDE));
            return replaced ? notRead(reference, frame) : follow(reference, frame);
        } catch (ConfigException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    private static Reference reference(ConfigNode.Mapping mapping, KeyPath key) {
        String kind = kind(mapping).orElseThrow();
        Origin origin = mapping.origin();
        Reference unread = new Reference(kind, "", key, origin);
        if (mapping.entries().size() > 1) {
            throw unread.failure(
                    "include-adjacent-keys",
                    "other keys stand beside it",
                    "an object with " + kind + " holds nothing else");
        }
        if (mapping.entries().get(kind) instanceof ConfigNode.Scalar scalar && scalar.value() instanceof String text) {
            return new Reference(kind, text, key, origin);
        }
        throw unread.failure("include-not-string", "its value is not text", "give a name in quotes");
    }

    private static Found notRead(Reference reference, IncludeFrame frame) {
        String text = "(not read: " + reference.kind() + " overridden by a later layer)";
        return new Found(new ConfigNode.Scalar(text, reference.origin(), false), frame, false);
    }

    private @Nullable Found follow(Reference reference, IncludeFrame frame) {
        Substitution.Result result = substitution.apply(reference.value());
        if (result.text().isEmpty()) {
            throw reference.failure(
                    "include-undefined",
                    result.unset().isEmpty()
                            ? "its name is empty"
                            : "the variable " + result.unset().get(0) + " in it is not set",
                    "set the variable, or give a default with ${NAME:-default}");
        }
        String value = result.text().get();
        return switch (reference.kind()) {
            case ENV -> variable(reference, value, frame);
            case FILE -> file(reference, value, frame);
            default -> include(reference, value, frame);
        };
    }

    private @Nullable Found variable(Reference reference, String name, IncludeFrame frame) {
        Optional<String> value = substitution.variable(name);
        if (value.isEmpty()) {
            problems.add(Problem.warning(
                    "unset-variable",
                    reference.key().toString(),
                    reference.origin().toString(),
                    "the variable " + reference.value() + " is not set, so this value is left out",
                    "set " + reference.value()));
            return null;
        }
        return new Found(new ConfigNode.Scalar(value.get(), reference.origin(), false, List.of(name)), frame, false);
    }

    private Found file(Reference reference, String name, IncludeFrame frame) {
        Path path = path(reference, name, frame);
        String text = text(reference, path, frame);
        warnOfOpenSecret(reference, path);
        return new Found(new ConfigNode.Scalar(Blanks.trimEnd(text), reference.origin(), true), frame, false);
    }

    private @Nullable Found include(Reference reference, String value, IncludeFrame frame) {
        int hash = value.indexOf('#');
        String name = hash < 0 ? value : value.substring(0, hash);
        String inner = hash < 0 ? "" : value.substring(hash + 1);
        boolean json = name.endsWith(".json");
        if (!json && !name.endsWith(".yaml") && !name.endsWith(".yml")) {
            throw reference.failure(
                    "include-no-parser",
                    reference.quoted() + " has an ending that cannot be read",
                    "only .yaml, .yml and .json can be included; use $file for a text");
        }
        Path path = path(reference, name, frame);
        IncludeFrame inside = frame.included(parent(path), path + "#" + inner);
        refuseCycle(reference, frame, path + "#" + inner);
        String text = text(reference, path, frame);
        ConfigNode root = json ? json(text, reference, path) : yaml(text, reference, path);
        ConfigNode node = inner.isEmpty() ? root : step(root, inner, reference);
        return node == null ? null : new Found(node, inside, true);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private void refuseCycle(Reference reference, IncludeFrame frame, String what) {
        if (frame.chain().contains(what)) {
            throw reference.failure(
                    "include-cycle",
                    reference.quoted() + " includes itself, directly or through others",
                    "break the circle");
        }
        if (frame.chain().size() >= Limits.INCLUDE_DEPTH) {
            throw reference.failure(
                    "too-deep",
                    "more than " + Limits.INCLUDE_DEPTH + " includes inside each other",
                    "include the last file directly");
        }
    }

    private Path path(Reference reference, String name, IncludeFrame frame) {
        Path path = SourceFiles.resolve(frame.directory(), name)
                .orElseThrow(() -> reference.failure(
                        "include-missing-file", "no file can have this name", "name a file beside this one"));
        if (!roots.isEmpty() && roots.stream().noneMatch(root -> contains(root, path))) {
            throw reference.failure(
                    "include-outside-roots",
                    reference.quoted() + " is outside of config.includeRoots",
                    "move the file below one of the roots, or add its directory to config.includeRoots");
        }
        return path;
    }

    /** Whether a file is below a root, symbolic links followed. */
    private static boolean contains(Path root, Path path) {
        try {
            Path real = Files.exists(path) ? path.toRealPath() : path;
            return real.startsWith(Files.exists(root) ? root.toRealPath() : root);
        } catch (IOException e) {
            return false;
        }
    }

    private String text(Reference reference, Path path, IncludeFrame frame) {
        try {
            return files.read(path);
        } catch (SourceFiles.FileException e) {
            String code = e.code().orElse("include-missing-file");
            throw reference.failure(
                    code,
                    reference.quoted() + " cannot be read: " + e.reason(),
                    "the path relates to " + display(frame.directory()));
        }
    }

    private String display(Path directory) {
        String name = files.display(directory);
        return name.isEmpty() ? "the working directory" : name;
    }

    private ConfigNode yaml(String text, Reference reference, Path path) {
        try {
            return YamlReader.read(files.display(path), text, problems)
                    .orElse(new ConfigNode.Scalar(null, reference.origin(), false));
        } catch (ConfigException e) {
            throw new ConfigException(e.problems().stream()
                    .map(problem -> ofIncluded(problem, reference))
                    .toList());
        }
    }

    private ConfigNode json(String text, Reference reference, Path path) {
        try {
            return JsonReader.read(text, new Origin(files.display(path), 1, 1));
        } catch (JsonReader.JsonException e) {
            throw new ConfigException(Problem.error(
                    "include-parse-error",
                    reference.key().toString(),
                    e.origin().toString(),
                    "this is not JSON: " + e.reason(),
                    "included by " + reference.origin()));
        }
    }

    private static Problem ofIncluded(Problem problem, Reference reference) {
        String code = problem.code().equals("parse-error") ? "include-parse-error" : problem.code();
        String hint = "included by " + reference.origin();
        return Problem.error(
                code,
                reference.key().toString(),
                problem.source(),
                problem.message(),
                problem.hint().isEmpty() ? hint : problem.hint() + "; " + hint);
    }

    private static @Nullable ConfigNode step(ConfigNode root, String inner, Reference reference) {
        @Nullable ConfigNode node = root;
        KeyPath done = KeyPath.ROOT;
        for (String part : inner.split("\\.", -1)) {
            if (!(node instanceof ConfigNode.Mapping mapping)) {
                String where = done == KeyPath.ROOT ? "the root" : "\"" + done + "\"";
                throw reference.failure(
                        "include-path-not-object",
                        where + " is not an object, so " + reference.quoted() + " leads nowhere",
                        "check the path after #");
            }
            node = mapping.entries().get(part);
            done = done.child(part);
        }
        return node;
    }

    private void warnOfOpenSecret(Reference reference, Path path) {
        if (!SecretNames.isSecret(reference.key().toString())) {
            return;
        }
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                problems.add(Problem.warning(
                        "secret-file-open",
                        reference.key().toString(),
                        reference.origin().toString(),
                        "every user of this machine can read the file " + reference.quoted(),
                        "take the right to read it from others, as by chmod o-r"));
            }
        } catch (IOException | UnsupportedOperationException e) {
            // Without POSIX permissions there is nothing to warn of; a file that went away is no open secret.
            return;
        }
    }
}
