package dev.plinth.bench;

import java.util.List;

/**
 * One setup in which contenders are compared.
 *
 * @param name a row's heading, such as {@code 10 connections, 64 in flight}
 * @param contenders the first is the one that the others are divided by
 */
record Shape(String name, List<Metric> metrics, List<Contender> contenders) {

    Shape(String name, Metric metric, List<Contender> contenders) {
        this(name, List.of(metric), contenders);
    }
}
