package dev.plinth.bench;

import java.time.Duration;
import java.util.List;

/** One table of the results. To add one, implement this and name it in {@link Main}. */
interface Benchmark {

    /** The name of its files, and what {@code --only} selects. */
    String name();

    String title();

    /** What is measured and how, in Markdown. */
    String explanation();

    /** For how long each contender works before it is measured: until the compiler has seen all there is. */
    default Duration warmUp() {
        return Duration.ofSeconds(3);
    }

    /** Made afresh for each run, tables and all; no contender is ready before {@link Contender#open}. */
    List<Shape> shapes(Setup setup) throws Exception;
}
