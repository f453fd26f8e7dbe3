"""How long a call may take and when its turn is: time budgets, and Google's quota per minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from portfolio.sheets.google.errors import QuotaExhausted, Unavailable

MOST_PER_MINUTE = 55  # Google allows 60 reads and 60 writes to a user, and counts when they arrive
SLICE_SECONDS = 0.5  # how often it is asked whether to go on, be it waiting or reading


@dataclass(frozen=True)
class Clock:
    """Where the time comes from: seconds that only go forward, sleeping, and the date in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    date: Callable[[], float] = time.time


class Budget:
    """``seconds`` from now on. ``check`` is asked twice a second; what it raises ends the call."""

    def __init__(
        self, seconds: float, check: Callable[[], object] | None = None, clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.ends = self.clock.now() + seconds
        self._check = check or _go_on
        self._next_check = self.clock.now()

    @property
    def left(self) -> float:
        return max(0.0, self.ends - self.clock.now())

    def part(self, seconds: float) -> Budget:
        """At most ``seconds`` of it, with the same check."""
        return Budget(min(seconds, self.left), self._check, self.clock)

    def check(self) -> None:
        """Raises what the given ``check`` raises, when it is time to ask it again."""
        if self.clock.now() >= self._next_check:
            self._next_check = self.clock.now() + SLICE_SECONDS
            self._check()

    def refuse_when_spent(self) -> float:
        """The seconds left. Raises Unavailable when there are none, and whatever ``check`` raises."""
        self.check()
        left = self.left
        if left:
            return left
        raise Unavailable("The time for talking to Google is used up; the next sync goes on from here.")

    def wait(self, seconds: float) -> None:
        until = self.clock.now() + seconds
        while (rest := until - self.clock.now()) > 0:
            self.check()
            self.clock.sleep(min(rest, SLICE_SECONDS))


class Pace:
    """At most ``most`` calls within any minute, over all threads that share it."""

    def __init__(self, most: int = MOST_PER_MINUTE, per_seconds: float = 60.0) -> None:
        self._booked: deque[float] = deque(maxlen=most)
        self._per_seconds = per_seconds
        self._lock = threading.Lock()

    def take_turn(self, budget: Budget) -> None:
        """Waits until it is the caller's turn. Raises QuotaExhausted when that is after the budget's end."""
        wait = self._book(budget)
        if wait > budget.left:
            raise QuotaExhausted(
                f"Google allows 60 calls a minute. The next turn is in {wait:.0f} seconds, "
                f"and {budget.left:.0f} are left."
            )
        budget.wait(wait)

    def _book(self, budget: Budget) -> float:
        # The turn is booked first and waited for without the lock, so that threads queue up in order.
        with self._lock:
            now = budget.clock.now()
            full = len(self._booked) == self._booked.maxlen
            turn = max(now, self._booked[0] + self._per_seconds) if full else now
            if turn - now <= budget.left:
                self._booked.append(turn)
            return turn - now


def _go_on() -> None:
    """The check of a call that nobody can cancel."""
