"""A stored run can be asked again, and says when the clock had a say in it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client

from optimization import cpsat
from optimization.models import Run
from optimization.problem import inputs_hash
from optimization.reading import read_problem
from optimization.solver import solve
from tests.optimization_app.test_pages import read
from tests.optimization_app.world import candidate, constraint, kpis, optimize, scenario, target

pytestmark = pytest.mark.django_db

CLOCK = "The clock stopped it, so the same inputs may give another portfolio."


@pytest.fixture(autouse=True)
def world() -> None:
    kpis()
    made = [
        candidate(
            f"Idea {n}",
            3 + n % 7,
            {"revenue": 10 + 7 * n % 31, "signups": n % 4},
            market="UK" if n % 2 else "FR",
        )
        for n in range(12)
    ]
    keys = [row.initiative_key for row in made]
    scenario(30, "lexicographic")
    constraint("exclusion_pair", members=keys[:2])
    target("signups", 30, "goal")


def test_the_stored_problem_gives_the_stored_portfolio() -> None:
    run = optimize()
    problem = read_problem(run.problem)
    assert inputs_hash(problem) == run.inputs_hash
    assert solve(problem)["portfolio_hash"] == run.portfolio_hash
    assert optimize().portfolio_hash == run.portfolio_hash


@pytest.fixture
def by_the_clock() -> Any:
    """Every solve finds that its time is up, once it has answered."""
    solved = cpsat.Session._outcome

    def late(session: Any, *args: Any) -> Any:
        session.budget.stopped_by = "wall_clock"
        return solved(session, *args)

    with patch.object(cpsat.Session, "_outcome", late):
        yield


def test_a_stop_by_the_clock_is_on_every_surface(
    by_the_clock: Any, client: Client, person: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("optimize", "Base")
    assert CLOCK in capsys.readouterr().out
    run = Run.objects.get()
    assert run.document()["solver"]["stopped_by"] == "wall_clock"
    client.force_login(person("PM"))
    assert CLOCK in read(client, run.get_absolute_url())
