"""Turns and waits, without a network."""

from __future__ import annotations

import threading
from time import sleep

import pytest

from portfolio.sheets.google.errors import QuotaExhausted, Unavailable
from portfolio.sheets.google.pacing import MOST_PER_MINUTE, SLICE_SECONDS, Budget, Clock, Pace
from tests.sheets_google.clocks import ManualTime


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


def turns(pace: Pace, time: ManualTime, count: int) -> list[float]:
    """When each of ``count`` turns came, asked for one after the other."""
    budget, came = Budget(1_000_000, clock=time.clock), []
    for _ in range(count):
        pace.take_turn(budget)
        came.append(time.seconds)
    return came


def test_a_minute_has_55_turns_and_the_next_one_waits_for_it_to_pass(time: ManualTime) -> None:
    came = turns(Pace(), time, 2 * MOST_PER_MINUTE + 1)
    assert came[MOST_PER_MINUTE - 1] == 0
    assert came[MOST_PER_MINUTE] == pytest.approx(60)
    assert came[-1] == pytest.approx(120)


def test_no_minute_anywhere_has_more_than_55_turns(time: ManualTime) -> None:
    pace, budget, came = Pace(), Budget(1_000_000, clock=time.clock), []
    for number in range(300):
        time.seconds += number % 7 * 0.3
        pace.take_turn(budget)
        came.append(time.seconds)
    later = zip(came, came[MOST_PER_MINUTE:], strict=False)
    assert all(after - before >= 60 - 1e-6 for before, after in later)


def test_slow_callers_never_wait(time: ManualTime) -> None:
    pace, budget = Pace(), Budget(1_000_000, clock=time.clock)
    for _ in range(200):
        time.seconds += 1.2
        pace.take_turn(budget)
    assert time.slept == []


def test_threads_share_the_turns() -> None:
    waits: list[float] = []

    class Standing(Budget):
        def wait(self, seconds: float) -> None:
            waits.append(seconds)

    def now() -> float:
        sleep(0)  # lets another thread come in between
        return 0.0

    pace, budget = Pace(), Standing(1_000_000, clock=Clock(now=now))
    threads = [threading.Thread(target=lambda: [pace.take_turn(budget) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0.0] * 55 + [60.0] * 55 + [120.0] * 50


def test_a_turn_after_the_budget_is_refused_at_once_and_not_taken(time: ManualTime) -> None:
    pace = Pace()
    turns(pace, time, MOST_PER_MINUTE)
    for _ in range(MOST_PER_MINUTE):
        with pytest.raises(QuotaExhausted, match=r"60 calls a minute.*in 60 seconds, and 30 are left"):
            pace.take_turn(Budget(30, clock=time.clock))
    assert time.slept == []
    assert turns(pace, time, 1) == [pytest.approx(60)]


def test_a_wait_is_made_of_slices_so_that_a_cancel_is_heard(time: ManualTime) -> None:
    class CancelError(BaseException):
        pass

    def check() -> None:
        if time.seconds >= 3:
            raise CancelError

    with pytest.raises(CancelError):
        Budget(1_000, check, time.clock).wait(100)
    assert time.seconds == pytest.approx(3, abs=2 * SLICE_SECONDS)
    assert max(time.slept) <= SLICE_SECONDS


def test_a_check_may_cost_something_because_it_is_asked_twice_a_second(time: ManualTime) -> None:
    asked: list[float] = []
    budget = Budget(1_000, lambda: asked.append(time.seconds), time.clock)
    for _ in range(100):
        budget.check()
    budget.wait(10)
    assert 19 <= len(asked) <= 21


def test_a_part_never_outlasts_the_whole(time: ManualTime) -> None:
    whole = Budget(10, clock=time.clock)
    time.seconds = 4
    assert whole.part(100).left == 6
    assert whole.part(2).left == 2


def test_nothing_left_is_an_error_that_goes_away(time: ManualTime) -> None:
    budget = Budget(5, clock=time.clock)
    assert budget.refuse_when_spent() == 5
    time.seconds = 6
    with pytest.raises(Unavailable, match="used up") as caught:
        budget.refuse_when_spent()
    assert caught.value.retryable
    assert not caught.value.outcome_unknown
