"""Several portfolios side by side: who is in which, how much they overlap, what each brings and misses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypedDict

from optimization.problem import Problem, fold

from .asking import Answer, Document, Number, objective_unit, read
from .changes import Change, changes
from .difference import Difference, difference, identity, is_same_objective


class Entry(TypedDict):
    """One portfolio to compare: what to call it, the problem and its answer."""

    name: str
    problem: Document
    answer: Answer


class Membership(TypedDict):
    """An initiative's scope in each portfolio: full, mvp, "" = out, None = no candidate there."""

    key: str
    scopes: list[str | None]
    times: int  # portfolios it is in


class Column(TypedDict):
    """One portfolio's numbers; all None where there is none."""

    name: str
    status: str
    mode: str
    objective_scope: str
    objective: Number | None
    objective_unit: str
    gap: Number | None
    capacity: Number | None  # tokens; None = unlimited
    capacity_used: dict[str, Any] | None
    initiatives: int
    kpi_totals: dict[str, Number] | None  # native units
    targets_met: int
    targets: int
    portfolio_hash: str | None


class TargetRow(TypedDict):
    """One target in each portfolio: an answer's target (need, achieved, gap, met …), None where unknown."""

    dimension: str
    dimension_key: str
    kpi: str
    cells: list[dict[str, Any] | None]


class Comparison(TypedDict):
    """n portfolios; lists are in the order they were given."""

    portfolios: list[Column]
    matrix: list[Membership]  # in most portfolios first
    overlap: list[list[float]]  # Jaccard: initiatives in both ÷ initiatives in either; 1 = the same
    kpis: list[str]
    targets: list[TargetRow]
    is_same_objective: bool  # one unit of objective is worth the same in all, so they may be compared
    in_all: list[str]
    steps: list[Whatif]  # from each portfolio to the next


class Whatif(TypedDict):
    """Two runs: what was changed, and what that changed."""

    before: str
    after: str
    changes: list[Change]
    difference: Difference


def compare(entries: list[Entry]) -> Comparison:
    """Compares any number of answers, to one problem or to different ones. Raises ProblemInvalid."""
    problems = [read(entry["problem"]) for entry in entries]
    answers = [entry["answer"] for entry in entries]
    matrix = memberships(problems, answers)
    return {
        "portfolios": [column(*each) for each in zip(entries, problems, strict=True)],
        "matrix": matrix,
        "overlap": [[overlap(one, other) for other in answers] for one in answers],
        "kpis": list({fold(k.key): k.key for problem in reversed(problems) for k in problem.kpis}.values()),
        "targets": target_rows(answers),
        "is_same_objective": all(is_same_objective(*pair) for pair in pairwise(problems)),
        "in_all": [row["key"] for row in matrix if row["times"] == len(entries)],
        "steps": [whatif(*pair) for pair in pairwise(entries)],
    }


def whatif(before: Entry, after: Entry) -> Whatif:
    """What was changed in the problem, and what that changed in the portfolio. Raises ProblemInvalid."""
    one, other = read(before["problem"]), read(after["problem"])
    return {
        "before": before["name"],
        "after": after["name"],
        "changes": changes(one, other),
        "difference": difference(before["answer"], after["answer"], one, other),
    }


def overlap(one: Answer, other: Answer) -> float:
    """Jaccard index of the initiatives, whatever their scope; two empty portfolios are the same."""
    either = set(one["selected"]) | set(other["selected"])
    return len(set(one["selected"]) & set(other["selected"])) / len(either) if either else 1.0


def memberships(problems: list[Problem], answers: list[Answer]) -> list[Membership]:
    known = [{fold(c.key): c.key for c in problem.candidates} for problem in problems]
    scopes = [{fold(key): scope for key, scope in answer["scope"].items()} for answer in answers]
    names = {key: name for table in reversed(known) for key, name in table.items()}
    rows = [
        membership(
            names[key], [s.get(key, "") if key in k else None for s, k in zip(scopes, known, strict=True)]
        )
        for key in names
    ]
    return sorted(rows, key=lambda row: (-row["times"], row["key"]))


def membership(key: str, scopes: list[str | None]) -> Membership:
    return {"key": key, "scopes": scopes, "times": sum(bool(scope) for scope in scopes)}


def column(entry: Entry, problem: Problem) -> Column:
    answer = entry["answer"]
    return {
        "name": entry["name"],
        "status": answer["status"],
        "mode": problem.objective.mode,
        "objective_scope": problem.objective.scope,
        "objective": answer["objective_value"],
        "objective_unit": objective_unit(problem),
        "gap": answer["gap"],
        "capacity": problem.capacity_total,
        "capacity_used": answer["capacity_used"],
        "initiatives": len(answer["selected"]),
        "kpi_totals": answer["kpi_totals"],
        "targets_met": sum(bool(target["met"]) for target in answer["targets"]),
        "targets": len(answer["targets"]),
        "portfolio_hash": answer["portfolio_hash"],
    }


def target_rows(answers: list[Answer]) -> list[TargetRow]:
    tables = [{identity(target): target for target in answer["targets"]} for answer in answers]
    first = {key: target for table in reversed(tables) for key, target in table.items()}
    return [
        {
            "dimension": target["dimension"],
            "dimension_key": target["dimension_key"],
            "kpi": target["kpi"],
            "cells": [table.get(key) for table in tables],
        }
        for key, target in sorted(first.items())
    ]
