"""Whatever people do at both sides and whatever happens on the way: they come to agree, nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initiatives.models import Initiative, KeySequence
from metrics.models import Metric
from optimization.models import Constraint, Scenario
from portfolio.actions.models import ActionRun
from portfolio.sheets.models import SheetLink
from portfolio.tabs.models import Batch, TabRevision, gate_open
from tests.google import GoogleServer
from tests.sheets_google.play import Play
from tests.sheets_google.promises import PROMISES
from tests.sheets_google.stages import STAGES, Stage

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = int(os.environ.get("SHEETS_EXAMPLES", "25"))  # per sheet


@dataclass(frozen=True)
class Step:
    """One thing that happens; what ``a``, ``b`` and ``c`` choose depends on ``name``."""

    name: str
    a: int
    b: int
    c: int


OFTEN = {"type": 9, "web": 6, "sync": 5, "disturbed": 4, "settle": 3, "add": 2}
NAMES = [
    *(name for name, times in OFTEN.items() for _ in range(times)),
    *("copy", "delete", "insert", "move", "sort", "create", "remove"),
]
WAYS = ["new", "new", "new", "new", "blank", "padded", "bad", "formula", "over", "another key", "no key"]
# Few rows and columns more often than others, so that both sides meet in one cell.
number = st.one_of(st.integers(0, 1), st.integers(0, 11))
steps = st.lists(
    st.builds(Step, st.sampled_from(NAMES), number, number, st.integers(0, 23)), min_size=8, max_size=24
)


def play_out(play: Play, taken: list[Step]) -> None:
    waiting = iter(taken)
    for step in waiting:
        if step.name == "disturbed":
            during = next(waiting, None)
            play.sync(*faults_of(step), meanwhile=during and (1 + step.b % 4, partial(take, step=during)))
        else:
            take(play, step)


def take(play: Play, step: Step) -> None:
    name, a, b, c = step.name, step.a, step.b, step.c
    if name in ("sync", "disturbed"):
        play.sync(*faults_of(step))
    elif name == "type":
        play.type(a, b, WAYS[c % len(WAYS)])
    elif name == "web":
        play.web(a, b, blank=c == 0)
    elif name == "add":
        play.add(complete=c % 4 > 0, gap=c == 1)
    elif name in ("move", "sort", "settle"):
        getattr(play, name)(a, b % 2 if name != "move" else b)
    else:
        getattr(play, name)(*((a,) if name != "create" else ()))


def faults_of(step: Step) -> list[tuple[int, int]]:
    """Every third sync meets a fault: which one, and after how many calls."""
    return [(step.c // 3, step.a % 5)] if step.c % 3 == 1 else []


@pytest.fixture
def emptied() -> Iterator[Callable[[], None]]:
    """Makes the database as it was, which is quicker than a test for each example."""

    def empty() -> None:
        with gate_open():
            for model in (SheetLink, ActionRun, Batch, TabRevision, KeySequence):
                model.objects.all().delete()
            for record in (Constraint, Scenario, Initiative, Metric):
                record.all_objects.all().delete()

    yield empty


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_both_sides_come_to_agree_and_nothing_is_lost(
    google: GoogleServer, emptied: Callable[[], None], stage: Stage
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(steps)
    def keeps_its_promises(taken: list[Step]) -> None:
        emptied()
        play = Play(google, stage)
        play_out(play, taken)
        for promise in PROMISES:
            promise(play)

    keeps_its_promises()
