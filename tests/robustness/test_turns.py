"""Two people at the same instant: one writer at a time, on every database."""

import threading

import pytest
from django.db import connection

from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.changes import CreateRow, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.undo import CannotUndoError, undo
from tests.factories import actor, create, initiative, north_star, put, strategic

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run these at the same time; what each answered or raised."""
    answers, start = {}, threading.Barrier(len(works))

    def run(number, work):
        start.wait()
        try:
            answers[number] = work()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[number] for number in range(len(works))]


def change(tab, *changes):
    return apply_changes(registry.tab(tab), actor(), Surface.GRID, changes)


def test_the_same_key_twice_is_an_answer():
    row = CreateRow("new", {"kpi_key": "signups", "kpi_level": "strategic"})
    answers = at_once(*[lambda: change("metrics_config", row)] * 4)
    assert sum(answer.ok for answer in answers) == 1
    assert Metric.objects.count() == 1


def test_two_swaps_leave_one_north_star():
    star, first, second = north_star(), strategic("first"), strategic("second")

    def swap(to):
        return change(
            "metrics_config",
            SetCell(star.pk, "kpi_level", "strategic"),
            SetCell(to.pk, "kpi_level", "north_star"),
        )

    at_once(lambda: swap(first), lambda: swap(second))
    assert Metric.objects.filter(kpi_level="north_star", is_active=True).count() == 1


def test_keys_are_given_once():
    answers = at_once(*[lambda: change("backlog", CreateRow("new", {"title": "One more"}))] * 6)
    assert all(answer.ok for answer in answers)
    assert len({create_row.pk for create_row in registry.tab("backlog").queryset()}) == 6


def test_a_batch_is_undone_once():
    row = initiative("First")
    batch = put("backlog", row, title="Second")
    answers = at_once(*[lambda: undo(registry.tab("backlog"), actor(), Surface.GRID, batch.batch_id)] * 3)
    assert sum(isinstance(answer, CannotUndoError) for answer in answers) == 2


def test_a_change_of_one_cell_by_two_is_a_conflict_for_one():
    row = create("backlog", title="Old")
    answers = at_once(
        *[lambda t=title: change("backlog", SetCell(row.pk, "title", t, expected="Old")) for title in "AB"]
    )
    assert sorted(answer.results[0].status for answer in answers) == ["conflict", "ok"]
