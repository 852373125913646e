package dev.plinth.runtime.database.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who gets a connection, when, and at whose cost. */
class BrokerTest implements Broker.Owner<String> {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private long now = 1;
    private final Broker<String> broker = new Broker<>(4, () -> now, this);
    private final Deque<Slot<String>> opening = new ArrayDeque<>();
    private final Deque<Slot<String>> closing = new ArrayDeque<>();
    private final Queue<Long> timers = new PriorityQueue<>();
    private final List<String> log = new ArrayList<>();

    @Override
    public void open(Slot<String> slot) {
        opening.add(slot);
    }

    @Override
    public void abandon(Slot<String> slot) {
        opening.remove(slot);
        broker.failed(slot, new IllegalStateException("abandoned"), Obstacle.LASTING);
    }

    @Override
    public void close(Slot<String> slot) {
        closing.add(slot);
    }

    @Override
    public void wakeIn(long nanos) {
        timers.add(now + nanos); // most tests let time pass themselves
    }

    private Borrower<String> borrower(String group, int max) {
        return broker.borrower(String.valueOf(group), group, max, 1000, 0, Duration.ofSeconds(30));
    }

    private List<Slot<String>> ask(String name, Borrower<String> borrower, Use use) {
        List<Slot<String>> lent = new ArrayList<>();
        broker.acquire(borrower, use, null, now, TIMEOUT, (slot, error) -> {
            log.add(error == null ? name : name + " refused");
            if (error == null) {
                lent.add(slot);
            }
        });
        return lent;
    }

    private Slot<String> lent(Borrower<String> borrower, Use use) {
        List<Slot<String>> lent = ask("lent", borrower, use);
        openAll();
        return lent.get(0);
    }

    private List<Slot<String>> lent(Borrower<String> borrower, Use use, int count) {
        return IntStream.range(0, count).mapToObj(i -> lent(borrower, use)).toList();
    }

    private void openAll() {
        while (!opening.isEmpty()) {
            broker.opened(opening.remove(), "connection");
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
        broker.advance();
    }

    @Test
    void opensNothingForThoseWhoAskNothing() {
        borrower("a", 10);
        assertThat(opening).isEmpty();
    }

    @Test
    void quickStatementsTravelTogether() {
        Borrower<String> one = borrower("a", 1);
        Slot<String> first = lent(one, Use.SHARED);
        Slot<String> second = lent(one, Use.SHARED);
        assertThat(second).isSameAs(first);
        assertThat(broker.snapshot().total()).isEqualTo(1);
    }

    @Test
    void nothingTravelsBehindAStatementThatGotSlow() {
        Borrower<String> one = borrower("a", 2);
        Slot<String> slow = lent(one, Use.SHARED);
        pass(Duration.ofMillis(50));
        assertThat(lent(one, Use.SHARED)).isNotSameAs(slow);
    }

    @Test
    void slowStatementsLeaveAQuarterOfTheConnectionsToOthers() {
        Borrower<String> one = borrower("a", 4);
        for (int i = 0; i < 10; i++) {
            ask("slow", one, Use.SLOW);
        }
        ask("quick", one, Use.SHARED);
        openAll();
        assertThat(log).containsExactlyInAnyOrder("slow", "slow", "slow", "quick");
    }

    @Test
    void aThousandWaitingRequestsOfOneDoNotHoldUpAnother() {
        Borrower<String> greedy = borrower("all", 4);
        Borrower<String> modest = borrower("all", 4);
        Slot<String> slot = lent(greedy, Use.OWN);
        for (int i = 0; i < 999; i++) {
            ask("greedy", greedy, Use.OWN);
        }
        openAll();
        log.clear();
        ask("modest", modest, Use.OWN);
        broker.release(slot, greedy, Use.OWN, now);
        broker.release(slot, lastOwner(slot), Use.OWN, now);
        assertThat(log).contains("modest");
    }

    private static Borrower<String> lastOwner(Slot<String> slot) {
        Borrower<String> last = slot.last;
        assertThat(last).isNotNull();
        return last;
    }

    @Test
    void closesAnIdleConnectionOfOneToOpenOneForAnother() {
        Borrower<String> rich = borrower("rich", 4);
        List<Slot<String>> slots = lent(rich, Use.OWN, 4);
        broker.release(slots.get(2), rich, Use.OWN, now);
        Borrower<String> poor = borrower("poor", 4);
        ask("poor", poor, Use.OWN);
        pass(Duration.ofMillis(25));
        assertThat(closing).containsExactly(slots.get(2));
        assertThat(opening).isEmpty();

        broker.closed(closing.remove());
        openAll();
        assertThat(log).contains("poor");
    }

    @Test
    void whoHasNoneGetsTheNextConnectionOfWhoHasMany() {
        Borrower<String> rich = borrower("rich", 4);
        List<Slot<String>> slots = lent(rich, Use.OWN, 4);
        ask("rich again", rich, Use.OWN);
        ask("poor", borrower("poor", 4), Use.OWN);
        pass(Duration.ofMillis(Duration.ofNanos(Stock.TURN).toMillis() + 1));
        for (Slot<String> slot : slots) {
            broker.release(slot, rich, Use.OWN, now);
        }
        assertThat(closing).hasSize(1);
        broker.closed(closing.remove());
        openAll();
        assertThat(log).contains("poor", "rich again");
    }

    @Test
    void slowStatementsLeaveOthersTheOneConnectionOnWhichTheirsTravel() {
        Borrower<String> quick = borrower("all", 4);
        Borrower<String> slow = borrower("all", 8);
        Slot<String> travelled = lent(quick, Use.SHARED);
        broker.release(travelled, quick, Use.SHARED, now);

        ask("slow", slow, Use.SLOW);
        assertThat(opening).hasSize(1);
        assertThat(lentAtOnce(quick)).isSameAs(travelled);
        broker.release(travelled, quick, Use.SHARED, now);
        for (int i = 0; i < 4; i++) {
            ask("slow too", slow, Use.SLOW);
        }
        openAll();

        assertThat(log)
                .as("with all connections that there may be")
                .containsExactly("lent", "slow", "slow too", "slow too");
        assertThat(lentAtOnce(quick)).isSameAs(travelled);
    }

    @Test
    void slowStatementsTakeTheLastConnectionWhenNoOtherOneCanBeOpened() {
        Borrower<String> quick = borrower("all", 4);
        Borrower<String> slow = borrower("all", 4);
        Slot<String> travelled = lent(quick, Use.SHARED);
        broker.release(travelled, quick, Use.SHARED, now);
        ask("slow", slow, Use.SLOW);
        assertThat(log).containsExactly("lent");

        broker.failed(opening.remove(), new IllegalStateException("full"), Obstacle.FULL);

        assertThat(log).containsExactly("lent", "slow");
        assertThat(travelled.owned).isTrue();
    }

    @Test
    void slowStatementsTakeTheLastConnectionWhenNoAnswerComesFromTheServer() {
        Borrower<String> quick = borrower("all", 4);
        Slot<String> travelled = lent(quick, Use.SHARED);
        broker.release(travelled, quick, Use.SHARED, now);
        ask("slow", borrower("all", 4), Use.SLOW);

        for (int i = 0; i < 9; i++) {
            pass(Duration.ofMillis(100));
            broker.release(lentNow(quick), quick, Use.SHARED, now);
        }
        assertThat(log).as("while an answer may come").containsExactly("lent");
        pass(Duration.ofMillis(100));

        assertThat(log).containsExactly("lent", "slow");
        assertThat(travelled.owned).isTrue();
    }

    private Slot<String> lentNow(Borrower<String> borrower) {
        Slot<String> slot = lentAtOnce(borrower);
        assertThat(slot).isNotNull();
        return slot;
    }

    private @Nullable Slot<String> lentAtOnce(Borrower<String> borrower) {
        return broker.tryAcquire(borrower, Use.SHARED, null, now);
    }

    @Test
    void whoHasSomeAndIsServedLeavesOthersTheOnlyOneThatTheyUsedOfLate() {
        Borrower<String> modest = borrower("modest", 4);
        Borrower<String> rich = borrower("rich", 4);
        Slot<String> only = lent(modest, Use.SHARED);
        broker.release(only, modest, Use.SHARED, now);
        Slot<String> first = lent(rich, Use.OWN);
        lent(rich, Use.OWN);
        lent(rich, Use.OWN);
        ask("waits", rich, Use.OWN);
        ask("waits longer", rich, Use.OWN);
        pass(Duration.ofMillis(500));
        assertThat(closing).isEmpty();

        broker.release(first, rich, Use.OWN, now);
        assertThat(log).endsWith("waits");
        pass(Duration.ofMillis(400));
        assertThat(closing).isEmpty();

        pass(Duration.ofMillis(100));
        assertThat(closing).as("idle for a second").containsExactly(only);
    }

    @Test
    void whoWasNotServedForASecondGetsTheOnlyOneOfAnother() {
        Borrower<String> modest = borrower("modest", 4);
        Borrower<String> rich = borrower("rich", 4);
        Slot<String> only = lent(modest, Use.SHARED);
        lent(rich, Use.OWN, 3);
        ask("starves", rich, Use.OWN);
        pass(Duration.ofMillis(900));
        broker.release(only, modest, Use.SHARED, now);
        pass(Duration.ofMillis(90));
        assertThat(closing).isEmpty();

        pass(Duration.ofMillis(10));
        assertThat(closing).containsExactly(only);
    }

    @Test
    void whoHasNoneGetsTheOnlyOneOfAnotherAsBefore() {
        List<Slot<String>> slots = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            Borrower<String> borrower = borrower(name, 4);
            slots.add(lent(borrower, Use.SHARED));
            broker.release(slots.get(slots.size() - 1), borrower, Use.SHARED, now);
            now++;
        }
        ask("poor", borrower("poor", 4), Use.SHARED);
        pass(Duration.ofMillis(25));
        assertThat(closing).containsExactly(slots.get(0));
    }

    @Test
    void sharedConnectionsRunEmptyForWhoNeedsOneAlone() {
        Borrower<String> one = borrower("a", 1);
        Slot<String> slot = lent(one, Use.SHARED);
        ask("alone", one, Use.OWN);
        ask("later", one, Use.SHARED);
        assertThat(log).containsExactly("lent");
        broker.release(slot, one, Use.SHARED, now);
        assertThat(log).containsExactly("lent", "alone");
        broker.release(slot, one, Use.OWN, now);
        assertThat(log).containsExactly("lent", "alone", "later");
    }

    @Test
    void givesBackWhatIsIdleForLongButKeepsWhatWasAskedFor() {
        Borrower<String> one = broker.borrower("a", "a", 4, 1000, 1, Duration.ofSeconds(30));
        Slot<String> first = lent(one, Use.OWN);
        Slot<String> second = lent(one, Use.OWN);
        broker.release(first, one, Use.OWN, now);
        broker.release(second, one, Use.OWN, now);
        pass(Duration.ofSeconds(29));
        assertThat(closing).isEmpty();
        pass(Duration.ofSeconds(2));
        assertThat(closing).hasSize(1);
    }

    @Test
    void aFullServerIsWaitedForAndShrinksTheBudgetForAWhile() {
        Borrower<String> one = borrower("a", 4);
        Slot<String> slot = lent(one, Use.OWN);
        ask("second", one, Use.OWN);
        broker.failed(opening.remove(), new IllegalStateException("full"), Obstacle.FULL);
        assertThat(log).containsExactly("lent");
        assertThat(broker.snapshot().budget()).isEqualTo(1);

        broker.release(slot, one, Use.OWN, now);
        assertThat(log).containsExactly("lent", "second");
        pass(Duration.ofSeconds(6));
        assertThat(broker.snapshot().budget()).isEqualTo(4);
    }

    @Test
    void anotherAttemptIsMadeBesideOneThatDoesNotAnswer() {
        Borrower<String> one = borrower("a", 4);
        ask("waiter", one, Use.SHARED);
        Slot<String> silent = opening.element();
        assertThat(opening).hasSize(1);
        pass(Duration.ofSeconds(1));
        assertThat(opening).hasSize(2);

        broker.opened(opening.removeLast(), "answered");
        assertThat(log).containsExactly("waiter");
        assertThat(opening).containsExactly(silent);
    }

    @Test
    void hopelessAttemptsNeitherFillTheBudgetNorAnswerForThoseWhoWait() {
        Borrower<String> one = borrower("a", 1);
        ask("waiter", one, Use.OWN);
        Slot<String> first = opening.element();
        for (int i = 0; i < 9; i++) {
            pass(Duration.ofSeconds(1));
            assertThat(opening).hasSizeBetween(2, 4).contains(first);
        }
        assertThat(log).isEmpty();
        broker.opened(opening.removeLast(), "answered");
        assertThat(log).containsExactly("waiter");
        assertThat(opening).as("what is more than the borrower may have").isEmpty();
    }

    /** All attempts failed, and all who waited were told; then the timer for the first retry goes off while no one waits. */
    @Test
    void whoAsksBetweenTwoAttemptsIsServedByTheNextOne() {
        Borrower<String> one = borrower("a", 4);
        ask("first", one, Use.OWN);
        ask("second", one, Use.OWN);
        while (!opening.isEmpty()) {
            broker.failed(opening.remove(), new IllegalStateException("refused"), Obstacle.LASTING);
        }
        assertThat(log).containsExactly("first refused", "second refused");
        nextTimer();
        ask("third", one, Use.OWN);
        long asked = now;
        while (opening.isEmpty()) {
            nextTimer();
        }
        assertThat(Duration.ofNanos(now - asked)).isLessThan(Duration.ofMillis(100));
    }

    private void nextTimer() {
        now = Math.max(now, timers.remove());
        broker.advance();
    }

    @Test
    void thoseWhoWaitedLearnThatNoConnectionCanBeMade() {
        Borrower<String> one = borrower("a", 4);
        ask("before", one, Use.OWN);
        now++;
        ask("after", one, Use.SHARED);
        Slot<String> attempt = opening.remove();
        opening.clear();
        broker.failed(attempt, new IllegalStateException("refused"), Obstacle.LASTING);
        assertThat(log).containsExactly("before refused");
    }

    @Test
    void refusesAtTheDeadlineAndWhenTooManyWait() {
        Borrower<String> one = broker.borrower("a", "a", 1, 2, 0, Duration.ofSeconds(30));
        ask("first", one, Use.OWN);
        ask("second", one, Use.OWN);
        ask("third", one, Use.OWN);
        assertThat(log).isEmpty(); // a connection may still be opened for one of them
        ask("fourth", one, Use.OWN);
        assertThat(log).containsExactly("fourth refused");
        pass(TIMEOUT);
        assertThat(log).containsExactly("fourth refused", "first refused", "second refused", "third refused");
    }
}
