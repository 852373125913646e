package dev.plinth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RatioTest {

    @Test
    void dividesRoundByRound() {
        Ratio ratio = Ratio.of(new double[] {20, 40, 80}, new double[] {10, 20, 40});

        assertThat(ratio.mean()).isCloseTo(2, within(1e-9));
        assertThat(ratio.low()).isCloseTo(2, within(1e-9));
        assertThat(ratio.high()).isCloseTo(2, within(1e-9));
    }

    @Test
    void givesTheIntervalOfStudent() {
        // Logarithms -ln 2, 0, ln 2: mean 0, deviation ln 2, times 4.303 over the root of 3.
        Ratio ratio = Ratio.of(new double[] {1, 2, 4}, new double[] {2, 2, 2});

        assertThat(ratio.mean()).isCloseTo(1, within(1e-9));
        assertThat(ratio.high()).isCloseTo(Math.exp(4.303 * Math.log(2) / Math.sqrt(3)), within(1e-9));
        assertThat(ratio.low()).isCloseTo(1 / ratio.high(), within(1e-9));
    }

    @Test
    void knowsNothingFromOneRound() {
        Ratio ratio = Ratio.of(new double[] {3}, new double[] {2});

        assertThat(ratio.mean()).isCloseTo(1.5, within(1e-9));
        assertThat(ratio.low()).isZero();
        assertThat(ratio.high()).isInfinite();
    }

    @Test
    void takesTheMiddleForMedian() {
        assertThat(Ratio.median(new double[] {9, 1, 5})).isEqualTo(5);
        assertThat(Ratio.median(new double[] {9, 1, 5, 7})).isEqualTo(6);
    }
}
