package dev.plinth.runtime.plugin;

import dev.plinth.runtime.logging.PluginCode;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one plugin jar: its own classes first, and of the runtime's only those that both must share. A plugin's libraries can so
 * never clash with the runtime's or another plugin's, and the runtime's inside is out of reach.
 */
final class PluginClassLoader extends URLClassLoader implements PluginCode {

    /** Packages whose types cross the border between runtime and plugin. */
    static final List<String> SHARED = List.of(
            "dev.plinth.plugin.", "io.vertx.", "io.netty.", "com.fasterxml.jackson.", "org.slf4j.", "org.jspecify.");

    /** Stands in a name between the jar's and the number of its copy. */
    static final String COPY = "@";

    private static final Logger LOG = LoggerFactory.getLogger(PluginClassLoader.class);
    private static final String SERVICES = "META-INF/services/";

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader runtime;
    private final Runnable onRelease;
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile String plugin = "";

    /**
     * With a name that stands in stack traces, and tells this loader from all others.
     *
     * @param onRelease removes the jar, if it is a copy
     */
    PluginClassLoader(String name, URL jar, ClassLoader runtime, Runnable onRelease) {
        super(name, new URL[] {jar}, ClassLoader.getPlatformClassLoader());
        this.runtime = runtime;
        this.onRelease = onRelease;
    }

    /** Once it is known that the jar has no other. */
    void isOf(String pluginId) {
        plugin = pluginId;
    }

    @Override
    public String plugin() {
        return plugin;
    }

    /** The jar of a loader that has such a name; empty when it is another kind of loader. */
    static Optional<String> jarOf(String loaderName) {
        int copy = loaderName.lastIndexOf(COPY);
        return loaderName.substring(0, Math.max(0, copy)).endsWith(".jar")
                ? Optional.of(loaderName.substring(0, copy))
                : Optional.empty();
    }

    /** Closes the jar, once, when it cannot matter any more whether that fails. */
    void release() {
        if (!released.compareAndSet(false, true)) {
            return;
        }
        try {
            close();
        } catch (IOException e) {
            LOG.debug("cannot close {}", getName(), e);
        }
        onRelease.run();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = isShared(name) ? loadShared(name) : loadOwn(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    /** A shared package may have parts that only the plugin brings, such as Jackson's data binding. */
    private Class<?> loadShared(String name) throws ClassNotFoundException {
        try {
            return runtime.loadClass(name);
        } catch (ClassNotFoundException notInRuntime) {
            return findClass(name);
        }
    }

    private Class<?> loadOwn(String name) throws ClassNotFoundException {
        if (name.startsWith("java.")) {
            return getParent().loadClass(name);
        }
        try {
            return findClass(name);
        } catch (ClassNotFoundException notInJar) {
            return getParent().loadClass(name);
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL own = findResource(name);
        if (own != null) {
            return own;
        }
        return isSharedResource(name) ? runtime.getResource(name) : getParent().getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        List<URL> urls = new ArrayList<>(Collections.list(findResources(name)));
        ClassLoader other = isSharedResource(name) ? runtime : getParent();
        urls.addAll(Collections.list(other.getResources(name)));
        return Collections.enumeration(urls);
    }

    /** Asked for each class: a loop of its own is several times as fast as a stream while Java has not compiled it. */
    private static boolean isShared(String className) {
        for (String shared : SHARED) {
            if (className.startsWith(shared)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSharedResource(String name) {
        // The runtime's own plugins and migrations are not this jar's.
        if (name.startsWith(SERVICES + "dev.plinth.")) {
            return false;
        }
        String path = name.startsWith(SERVICES) ? name.substring(SERVICES.length()) : name.replace('/', '.');
        return isShared(path);
    }
}
