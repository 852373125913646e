package dev.plinth.runtime.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the files that are layers, and reads them as they are written. */
final class FileLayers {

    /** A file before variables and includes are put in place. */
    record Raw(String name, Path directory, ConfigNode tree) {}

    static final String ENVIRONMENTS = "PLINTH_ENV";

    private static final String MAIN = "app-config.yaml";
    private static final Pattern URL = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://[^/].*");

    private final ConfigRequest request;
    private final SourceFiles files;
    private final Problems problems;
    private final List<Raw> layers = new ArrayList<>();

    private FileLayers(ConfigRequest request, SourceFiles files, Problems problems) {
        this.request = request;
        this.files = files;
        this.problems = problems;
    }

    static List<Raw> read(ConfigRequest request, SourceFiles files, Problems problems) {
        FileLayers layers = new FileLayers(request, files, problems);
        if (request.configs().isEmpty()) {
            layers.readUsual();
        } else {
            request.configs().forEach(layers::readNamed);
        }
        return layers.layers;
    }

    private void readNamed(String name) {
        if (URL.matcher(name).matches()) {
            problems.add(Problem.error(
                    "remote-not-enabled",
                    "",
                    "--config",
                    "a URL cannot be given as a configuration file",
                    "declare it in a file, under config.stores with type http"));
            return;
        }
        Optional<Path> path = SourceFiles.resolve(files.workingDirectory(), name);
        if (path.isEmpty()) {
            missing(name, "no file can have this name");
            return;
        }
        read(path.get());
    }

    private void readUsual() {
        Path directory = request.confDir()
                .map(given -> files.workingDirectory().resolve(given).normalize())
                .orElseGet(this::usualDirectory);
        List<String> environments = environments();
        Path main = directory.resolve(MAIN);
        if (files.exists(main) || isAnythingConfigured(directory)) {
            read(main);
        }
        for (String name : environments) {
            readIfThere(directory, "app-config." + name + ".yaml");
        }
        readIfThere(directory, "app-config.local.yaml");
        for (String name : environments) {
            readIfThere(directory, "app-config." + name + ".local.yaml");
        }
        for (String name : environments) {
            warnIfUnused(directory, name);
        }
    }

    private Path usualDirectory() {
        Path conf = files.workingDirectory().resolve("conf");
        return files.exists(conf.resolve(MAIN)) || hasConfigFile(conf) ? conf : files.workingDirectory();
    }

    private boolean isAnythingConfigured(Path directory) {
        return request.confDir().isPresent()
                || !environments().isEmpty()
                || hasConfigFile(directory)
                || request.environment().keySet().stream().anyMatch(name -> name.startsWith(EnvironmentLayer.PREFIX));
    }

    private static boolean hasConfigFile(Path directory) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .anyMatch(name -> name.startsWith("app-config.") && name.endsWith(".yaml"));
        } catch (IOException | UncheckedIOException e) {
            // A directory that cannot be listed: reading its files says why.
            return false;
        }
    }

    private List<String> environments() {
        List<String> environments = new ArrayList<>();
        for (String part : request.environment().getOrDefault(ENVIRONMENTS, "").split(",", -1)) {
            String name = part.strip();
            if (!name.isEmpty() && !environments.contains(name)) {
                environments.add(name);
            }
        }
        return environments;
    }

    private void readIfThere(Path directory, String name) {
        if (isThere(directory, name)) {
            read(directory.resolve(name));
        }
    }

    private boolean isThere(Path directory, String name) {
        Optional<Path> path = file(directory, name);
        return path.isPresent() && files.exists(path.get());
    }

    /** Empty for a name that would lead out of the directory. */
    private static Optional<Path> file(Path directory, String name) {
        return SourceFiles.resolve(directory, name).filter(path -> directory.equals(path.getParent()));
    }

    private void warnIfUnused(Path directory, String name) {
        if (!isThere(directory, "app-config." + name + ".yaml")
                && !isThere(directory, "app-config." + name + ".local.yaml")) {
            String file = files.display(directory.resolve("x").resolveSibling("app-config." + name + ".yaml"));
            problems.add(Problem.warning(
                    "environment-without-file",
                    "",
                    ENVIRONMENTS,
                    "it names \"" + name + "\", and there is no " + file,
                    "create the file, or remove the name"));
        }
    }

    private void read(Path path) {
        String name = files.display(path);
        try {
            Optional<ConfigNode> tree = YamlReader.read(name, files.read(path), problems);
            if (tree.isPresent()) {
                layers.add(raw(name, path, tree.get()));
            }
        } catch (SourceFiles.FileException e) {
            if (e.code().isEmpty()) {
                missing(name, e.reason());
            } else {
                problems.add(Problem.error(e.code().get(), "", name, e.reason(), ""));
            }
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
    }

    private static Raw raw(String name, Path path, ConfigNode tree) {
        Path parent = path.getParent();
        return new Raw(name, parent == null ? path : parent, tree);
    }

    private void missing(String name, String why) {
        String hint = request.configs().isEmpty()
                ? "create it, or name other files with --config or another directory with --conf-dir"
                : "check the argument of --config; it relates to the working directory";
        problems.add(Problem.error("config-file-missing", "", name, why, hint));
    }
}
