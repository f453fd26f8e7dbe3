"""Decision tools that ask the problem stored with a run again."""

from __future__ import annotations

from functools import partial
from typing import Any

from optimization import asked
from optimization.deciding import decide, result
from optimization.models import DecisionKind, Run
from optimization.redraw import draws_for
from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action
from portfolio.tabs.actor import ADMIN, PM

HORSE_TRADE = "pm.horse_trade"
NEAR_MISSES = "pm.near_misses"
CAPACITY_VALUE = "pm.capacity_value"
FRONTIER = "pm.frontier"
ROBUSTNESS = "pm.robustness"
MAY = (PM, ADMIN)
HOURS = 3600  # seconds: many solves take longer than one


@action(HORSE_TRADE, title="Horse trade", roles=MAY)
def horse_trade(job: Job) -> dict[str, Any]:
    """Options: run; force_in and force_out, lists of initiative keys."""
    wanted = asked.read(
        job.options, {"run": asked.stored_run, "force_in": asked.keys, "force_out": asked.keys}
    )
    if not wanted["force_in"] and not wanted["force_out"]:
        raise ActionError("Name at least one initiative to force in or out.")
    from optimization.decisions.trade import trade

    tool = partial(trade, **_of(wanted["run"]), force_in=wanted["force_in"], force_out=wanted["force_out"])
    made, answer = decide(job, DecisionKind.HORSE_TRADE, wanted, tool, has_parts=False)
    _tell_moves(job, answer["difference"])
    return result(made)


def _tell_moves(job: Job, difference: Any) -> None:
    for line in difference["adds"]:
        job.row(line["key"], "changed", "Comes in")
    for line in difference["drops"]:
        job.row(line["key"], "changed", "Drops out")
    for change in difference["scope_changes"]:
        job.row(change["key"], "changed", f"Built as {change['after']} instead of {change['before']}")


@action(NEAR_MISSES, title="Near misses", roles=MAY, deadline=2 * HOURS)
def near_misses(job: Job) -> dict[str, Any]:
    """Options: run; forced, how many candidates outside the portfolio are computed exactly."""
    wanted = asked.read(job.options, {"run": asked.stored_run, "forced": asked.whole(1, 200, 20)})
    from optimization.decisions.near import near_misses as ask

    tool = partial(ask, **_of(wanted["run"]), forced=wanted["forced"])
    made, _ = decide(job, DecisionKind.NEAR_MISSES, wanted, tool)
    return result(made)


@action(CAPACITY_VALUE, title="Value of capacity", roles=MAY, deadline=2 * HOURS)
def capacity_value(job: Job) -> dict[str, Any]:
    """Options: run; dimension and key of one cap (blank: the capacity and every cap); steps each way; size
    of a step in tokens (blank: 5 % of the limit)."""
    wanted = asked.read(
        job.options,
        {
            "run": asked.stored_run,
            "dimension": asked.text,
            "key": asked.text,
            "steps": asked.whole(1, 20, 2),
            "size": asked.tokens,
        },
    )
    from optimization.decisions.capacity import capacity_values

    only = (wanted["dimension"], wanted["key"] or wanted["dimension"]) if wanted["dimension"] else None
    if wanted["key"] and not only:
        raise ActionError("key is the value of a dimension: say which dimension, such as department.")
    moves = {"steps": wanted["steps"], "size": wanted["size"], "only": only}
    made, _ = decide(
        job, DecisionKind.CAPACITY, wanted, partial(capacity_values, **_of(wanted["run"]), **moves)
    )
    return result(made)


@action(FRONTIER, title="Efficient frontier", roles=MAY, deadline=2 * HOURS)
def frontier(job: Job) -> dict[str, Any]:
    """Options: run; points, 12 where nothing is said."""
    wanted = asked.read(job.options, {"run": asked.stored_run, "points": asked.whole(2, 100, 12)})
    from optimization.decisions.frontier import frontier as draw

    tool = partial(draw, **_of(wanted["run"]), points=wanted["points"])
    made, _ = decide(job, DecisionKind.FRONTIER, wanted, tool)
    return result(made)


@action(ROBUSTNESS, title="Robustness", roles=MAY, deadline=4 * HOURS)
def robustness(job: Job) -> dict[str, Any]:
    """Options: run; resolves, in how many draws the problem is solved again; draws and seed of the samples
    (blank: as scoring drew them)."""
    wanted = asked.read(
        job.options,
        {
            "run": asked.stored_run,
            "resolves": asked.whole(1, 1_000, 100),
            "draws": asked.whole(100, 10_000, None),
            "seed": asked.whole(0, 2**31 - 1, 0),
        },
    )
    from optimization.decisions.robustness import robustness as ask

    def tool(**telling: Any) -> dict[str, Any]:
        telling["progress"](0, wanted["resolves"] + 1, "Drawing contributions")
        redrawn = draws_for(wanted["run"].problem, wanted["draws"], wanted["seed"])
        times = {"solves": wanted["resolves"], "seed": wanted["seed"]}
        said = ask(**_of(wanted["run"]), draws=redrawn.draws, **times, **telling)
        return {**said, **redrawn.told}

    made, _ = decide(job, DecisionKind.ROBUSTNESS, wanted, tool)
    return result(made)


def _of(run: Run) -> dict[str, Any]:
    """The question a run answered, and its answer."""
    return {"document": run.problem, "answer": run.answer}
