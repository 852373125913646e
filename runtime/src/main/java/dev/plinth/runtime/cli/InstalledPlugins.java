package dev.plinth.runtime.cli;

import dev.plinth.runtime.BackendSettings;
import dev.plinth.runtime.config.Config;
import dev.plinth.runtime.config.ConfigRule;
import dev.plinth.runtime.config.PluginSchemas;
import dev.plinth.runtime.config.Problem;
import dev.plinth.runtime.config.Problems;
import dev.plinth.runtime.plugin.Discovery;
import dev.plinth.runtime.plugin.PluginDescriptor;
import dev.plinth.runtime.plugin.PluginLoader;
import dev.plinth.runtime.plugin.PluginSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The plugins that a configuration installs, looked for without starting any. */
final class InstalledPlugins implements PluginSchemas, ConfigRule {

    private final Console console;

    InstalledPlugins(Console console) {
        this.console = console;
    }

    /** For those that are to be run. */
    PluginLoader loader(Config config) {
        return new PluginLoader(
                InstalledPlugins.class.getClassLoader(),
                BackendSettings.pluginDirectories(config, console.workingDirectory(), new Problems()),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The caller closes it. */
    Discovery discover(Config config, Problems problems) {
        return Discovery.run(
                InstalledPlugins.class.getClassLoader(),
                BackendSettings.pluginDirectories(config, console.workingDirectory(), problems),
                PluginSettings.checksums(config, new Problems()));
    }

    /** Those that can be read; why others cannot goes to stderr. */
    List<String> ids(Config config) {
        Discovery found = discover(config, new Problems());
        found.close();
        Failures.print(console, console.err(), found.problems());
        return found.plugins().stream().map(PluginDescriptor::id).toList();
    }

    @Override
    public Map<String, String> find(Config root) {
        Discovery found = discover(root, new Problems());
        found.close();
        return found.configSchemas();
    }

    /** What the runtime itself would object to, beyond what the schemas say. */
    @Override
    public List<Problem> check(Config root) {
        return check(root, new Problems());
    }

    /** The same, and what is wrong with the jars: no reason to refuse a configuration, but what a person who checks it must hear. */
    List<Problem> checkWithJars(Config root) {
        Problems ofJars = new Problems();
        List<Problem> problems = check(root, ofJars);
        return Stream.concat(problems.stream(), ofJars.list().stream()).toList();
    }

    private List<Problem> check(Config root, Problems ofJars) {
        Problems problems = new Problems();
        Discovery discovery = discover(root, problems);
        discovery.close();
        ofJars.addAll(discovery.problems());
        BackendSettings.read(root, discovery, console.environment(), console.workingDirectory(), problems);
        return problems.list();
    }
}
