"""Loads the demo organisation the way everything comes in: through the gate, then scored and optimized."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from home.demo import LOADED_BY, PASSWORD, PEOPLE, reading, rows
from home.demo.reading import Row
from initiatives.models import Initiative, Submission
from optimization.actions import RUN_ALL
from optimization.models import Run
from portfolio.actions.models import Status
from portfolio.actions.runner import run_inline
from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor
from portfolio.tabs.changes import Change, CreateRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from scoring.models import MathModel, Param

DEMO = Actor(LOADED_BY, frozenset({ADMIN}))
RUNS = ("Q1 Board wish list", "Q1 Balanced", "Q1 Baseline")


class DemoError(Exception):
    """The demo's own data was refused; the message says where."""


@transaction.atomic
def load() -> None:
    """Everything people would have entered."""
    make_people()
    create("metrics_config", reading.table("organisation", "kpi"))
    keys = make_initiatives(reading.initiatives())
    make_models(reading.table("models", "model"), keys)
    make_scenarios(reading.table("scenarios", "scenario"), keys)
    create("intake", map(rows.submission, reading.table("submissions", "submission")))
    edit("before")


def compute() -> None:
    """Scores, active scores and runs; then what changed since, so that something waits."""
    do("pm.score_selected")
    do("pm.switch_framework", framework="auto")
    for scenario in RUNS:
        do(RUN_ALL, scenario=scenario, constraint_set=first_set(scenario))
    edit("after")


def is_computed() -> bool:
    return Run.objects.exists()


def make_people() -> None:
    # Hashing is slow on purpose; they all share a password anyway.
    password = make_password(PASSWORD)
    for username, (role, first, last) in PEOPLE.items():
        is_admin = role == ADMIN
        user = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@kobbel.example".lower(),
            password=password,
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        user.groups.add(Group.objects.get(name=role))


def make_initiatives(given: list[Row]) -> dict[str, str]:
    """Submissions first; each makes an initiative, which PMs then complete. Answers keys by ref."""
    created = create("intake", map(rows.submission, given))
    found = Submission.objects.select_related("initiative").in_bulk(created)
    made = {row["ref"]: found[pk].initiative for row, pk in zip(given, created, strict=True)}
    with_model = {row["initiative"] for row in reading.table("models", "model")}
    put("backlog", cells((made[row["ref"]].pk, rows.backlog(row)) for row in given))
    put(
        "scoring_inputs",
        cells((made[row["ref"]].pk, rows.scoring(row, row["ref"] in with_model)) for row in given),
    )
    put("kpi_contributions", cells((made[row["ref"]].pk, rows.contribution(row)) for row in given))
    return {ref: initiative.initiative_key for ref, initiative in made.items()}


def make_models(given: list[Row], keys: dict[str, str]) -> None:
    """Approving their formulas seeds the params, which are then filled."""
    create("math_models", ({"initiative_key": keys[row["initiative"]], **rows.model(row)} for row in given))
    seeded = {
        (p.initiative.initiative_key, p.param_name): p.pk for p in Param.objects.select_related("initiative")
    }
    put(
        "params",
        cells(
            (seeded[keys[row["initiative"]], name], rows.param(param))
            for row in given
            for name, param in row.get("params", {}).items()
        ),
    )


def make_scenarios(given: list[Row], keys: dict[str, str]) -> None:
    create("scenario_config", map(rows.scenario, given))
    for row in given:
        for name, rules in row["sets"].items():
            at = {"scenario_name": row["scenario_name"], "constraint_set_name": name}
            create("constraints", [at | rule for rule in rows.constraints(rules, keys)])
            create("targets", [at | target for target in rows.targets(rules)])


def first_set(scenario: str) -> str:
    """The first constraint set a scenario lists."""
    wanted = next(row for row in reading.table("scenarios", "scenario") if row["scenario_name"] == scenario)
    return str(next(iter(wanted["sets"])))


def edit(when: str) -> None:
    """What single people changed in the grid, each as a batch of their own."""
    for change in reading.table("edits", when):
        user = User.objects.get(username=change["who"])
        row = row_of(change["tab"], change)
        put(change["tab"], cells([(row, change["cells"])]), Actor.of(user), Surface.GRID)


def row_of(tab: str, change: Row) -> int:
    """The row that an edit names by its initiative's title, and by its param or model there."""
    initiative = Initiative.objects.get(title=change["title"])
    if tab == "params":
        return Param.objects.get(initiative=initiative, param_name=change["param"]).pk
    if tab == "math_models":
        return MathModel.objects.get(initiative=initiative, model_name=change["model"]).pk
    return initiative.pk


# Through the gate ----------------------------------------------------------------------------------------


def create(tab: str, given: Iterable[Row]) -> list[int]:
    """One batch of new rows; their primary keys in the given order."""
    made = put(tab, [CreateRow(str(at), values) for at, values in enumerate(given)]).created
    return [made[str(at)] for at in range(len(made))]


def cells(given: Iterable[tuple[int, Row]]) -> list[Change]:
    return [SetCell(row, name, value) for row, values in given for name, value in values.items()]


def put(tab: str, changes: list[Change], actor: Actor = DEMO, surface: str = Surface.IMPORT) -> Outcome:
    outcome = apply_changes(registry.tab(tab), actor, surface, changes)
    if not outcome.ok:
        said = "; ".join(f"{r.row} {r.column}: {r.message}" for r in outcome.refused)
        raise DemoError(f"{registry.tab(tab).title} refused the demo's data. {said}")
    return outcome


def do(action: str, **options: Any) -> None:
    run = run_inline(DEMO, action, options=options)
    if run.status != Status.SUCCEEDED:
        raise DemoError(f"{run.title} ended as {run.status}. {run.error}")
