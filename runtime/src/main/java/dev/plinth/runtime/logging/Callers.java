package dev.plinth.runtime.logging;

import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out whose code logs where no Vert.x context tells: that takes some microseconds. Any thread. */
final class Callers {

    private static final StackWalker WALKER = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);
    /** Logging itself takes a dozen; libraries that a plugin shares with the runtime may stand between. */
    private static final int MOST_FRAMES = 64;

    private Callers() {}

    /** Of the innermost plugin that the call comes from. */
    static Optional<LogScope> scope() {
        return WALKER.walk(Callers::plugin).map(LogScope::of);
    }

    private static Optional<String> plugin(Stream<StackFrame> frames) {
        return frames.limit(MOST_FRAMES)
                .map(frame -> frame.getDeclaringClass().getClassLoader())
                .filter(PluginCode.class::isInstance)
                .map(loader -> ((PluginCode) loader).plugin())
                .findFirst()
                .filter(plugin -> !plugin.isEmpty());
    }
}
