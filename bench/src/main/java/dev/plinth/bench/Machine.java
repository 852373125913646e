package dev.plinth.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Where it was measured. */
final class Machine {

    private Machine() {}

    static String describe() {
        Runtime runtime = Runtime.getRuntime();
        return "%s, %d cores, %s memory; %s %s; Java %s, heap %d MB, %s"
                .formatted(
                        first("/proc/cpuinfo", "model name"),
                        runtime.availableProcessors(),
                        first("/proc/meminfo", "MemTotal"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        Runtime.version(),
                        runtime.maxMemory() >> 20,
                        collector());
    }

    private static String collector() {
        return ManagementFactory.getGarbageCollectorMXBeans().get(0).getName().toLowerCase(Locale.ROOT) + " collector";
    }

    /** What a file of the Linux kernel says; elsewhere that it is not known. */
    private static String first(String file, String key) {
        if (!Files.isReadable(Path.of(file))) {
            return "unknown " + key;
        }
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown " + key);
        } catch (IOException e) {
            return "unknown " + key;
        }
    }
}
