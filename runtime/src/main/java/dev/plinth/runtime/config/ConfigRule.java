package dev.plinth.runtime.config;

import java.util.List;

/** Something that a schema cannot say, such as two values that contradict each other. */
@FunctionalInterface
public interface ConfigRule {

    /** What is wrong with this configuration; none when nothing is. */
    List<Problem> check(Config root);
}
