package dev.plinth.runtime.testing;

import java.util.concurrent.CountDownLatch;

/** A program in which one thread computes in a loop that takes long, and another needs all threads to pause now and then. */
public final class LongLoop {

    private static final int PAUSES = 5;

    @SuppressWarnings("unused") // Keeps the loop from being left out.
    private static volatile long result;

    private static volatile boolean finished;

    private LongLoop() {}

    /** Says whether the pauses were over before the loop was. */
    public static void main(String[] arguments) throws InterruptedException {
        for (int i = 0; i < 20_000; i++) {
            result = compute(1_000);
        }
        CountDownLatch begun = new CountDownLatch(1);
        Thread plugin = new Thread(() -> {
            begun.countDown();
            result = compute(Integer.MAX_VALUE);
            finished = true;
        });
        plugin.setDaemon(true);
        plugin.start();
        begun.await();
        for (int i = 0; i < PAUSES; i++) {
            System.gc();
        }
        System.out.println(finished ? "waited for the loop" : "went on beside the loop");
    }

    private static long compute(int times) {
        long sum = 1;
        for (int i = 0; i < times; i++) {
            sum += sum % (i | 1);
        }
        return sum;
    }
}
