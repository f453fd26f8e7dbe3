"""Several portfolios from one problem: other modes, weights, capacities, or a framework's value score.

A variant says only what is different; everything else stays as in the problem.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypedDict

from optimization.problem import Problem, fold, pointer, to_json
from optimization.reading import Error, ProblemInvalid, read_problem
from optimization.solver import solve

from .asking import Answer, Document, Progress, Stop, read

VALUE_SCORE = "value score"
Variant = dict[str, Any]  # see FIELDS
FIELDS = {
    "name": "what to call it",
    "mode": "north_star, weighted_kpis or lexicographic",
    "weights": "{kpi: weight}",
    "scope": "all, or dimension:key",
    "order": "KPIs in the order of lexicographic mode",
    "capacity": "tokens; null = unlimited",
    "constraints": "the fields of the problem's constraints that are replaced",
    "value_scores": "{key: number}: maximise their sum under the same constraints",
}

IMPLIED = {"weights": "weighted_kpis", "order": "lexicographic"}  # the mode, where none is named


class VariantAnswer(TypedDict):
    """One variant, the problem it asked (a problem file) and its answer."""

    name: str
    problem: dict[str, Any] | None  # None: invalid, see errors
    answer: Answer | None  # None: invalid, or stopped before its turn
    errors: list[Error]  # {"pointer": …, "text": …}
    without_score: list[str]  # candidates that value_scores does not name; they count 0


class Variants(TypedDict):
    """The variants in the order they were asked."""

    variants: list[VariantAnswer]
    complete: bool  # False: cancelled; what was not reached has no answer


def portfolios(
    document: Document,
    variants: list[Variant],
    explain: bool = False,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> Variants:
    """Solves the problem in every variant.

    A variant that makes no sense has its errors in its place and does not stop the others. Raises
    ProblemInvalid for the problem itself and for variants without a name of their own.
    """
    problem = read(document)
    check_names(variants)
    found = [asked(problem, variant) for variant in variants]
    for number, entry in enumerate(found):
        if entry["problem"] is None or (should_stop and should_stop()):
            continue
        if progress:
            progress(number, len(found), entry["name"])
        entry["answer"] = solve(entry["problem"], explain=explain, should_stop=should_stop)
    return {"variants": found, "complete": all(is_answered(entry) for entry in found)}


def check_names(variants: list[Variant]) -> None:
    """Raises ProblemInvalid unless every variant has a name that no other has."""
    if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
        raise ProblemInvalid([{"pointer": "", "text": "the variants must be a list of objects"}])
    names = [str(variant.get("name") or "").strip() for variant in variants]
    faults = [
        {"pointer": f"/{index}/name", "text": text}
        for index, name in enumerate(names)
        for text in (
            ["a variant needs a name"]
            if not name
            else [f"another variant is called {name} already"] * (fold(name) in map(fold, names[:index]))
        )
    ]
    if faults:
        raise ProblemInvalid(faults)


def is_answered(entry: VariantAnswer) -> bool:
    if entry["answer"] is None:
        return entry["problem"] is None
    return entry["answer"]["solver"]["stopped_by"] not in ("cancelled", "wall_clock")


def asked(problem: Problem, variant: Variant) -> VariantAnswer:
    """The problem of one variant, or what is wrong with it."""
    found: VariantAnswer = {
        "name": str(variant["name"]).strip(),
        "problem": None,
        "answer": None,
        "errors": senseless(variant) or unknown_scores(problem, variant),
        "without_score": [],
    }
    if found["errors"]:
        return found
    data = varied(to_json(problem), variant)
    try:
        read_problem(data)
    except ProblemInvalid as invalid:
        return found | {"errors": invalid.errors}
    scores = {fold(key) for key in variant.get("value_scores") or {}}
    missing = [c.key for c in problem.candidates if fold(c.key) not in scores] if scores else []
    return found | {"problem": data, "without_score": sorted(missing)}


def senseless(variant: Variant) -> list[Error]:
    """What a variant says that a problem could not say at all."""
    errors = [
        {
            "pointer": f"/{field}",
            "text": f"{field} is not a field of a variant; there are {', '.join(FIELDS)}",
        }
        for field in variant
        if field not in FIELDS
    ]
    for field in ("weights", "constraints", "value_scores"):
        if not isinstance(variant.get(field) or {}, dict):
            errors.append({"pointer": f"/{field}", "text": f"{field} must be an object"})
    if variant.get("value_scores"):
        errors += [
            {
                "pointer": f"/{field}",
                "text": f"with value_scores the objective is their sum; leave {field} out",
            }
            for field in ("mode", "weights", "order")
            if variant.get(field)
        ]
    return errors


def unknown_scores(problem: Problem, variant: Variant) -> list[Error]:
    known = {fold(candidate.key) for candidate in problem.candidates}
    return [
        {"pointer": pointer("value_scores", key), "text": f"{key} is not the key of a candidate"}
        for key in variant.get("value_scores") or {}
        if fold(key) not in known
    ]


def varied(data: dict[str, Any], variant: Variant) -> dict[str, Any]:
    """The problem file with the variant's differences."""
    objective = data["objective"]
    for field, name in (
        ("mode", "mode"),
        ("weights", "weights"),
        ("scope", "scope"),
        ("order", "lexicographic_order"),
    ):
        if variant.get(field) is not None:
            objective[name] = variant[field]
    if implied := next((mode for field, mode in IMPLIED.items() if variant.get(field)), None):
        objective["mode"] = variant.get("mode") or implied
    if "capacity" in variant:
        data["capacity_total"] = variant["capacity"]
    data["constraints"] |= deepcopy(variant.get("constraints") or {})
    if variant.get("value_scores"):
        score(data, variant["value_scores"])
    return data


def score(data: dict[str, Any], scores: dict[str, float]) -> None:
    """Adds the scores as contributions to a KPI of their own, and makes that the north star.

    The problem's north star becomes the first strategic KPI, so its targets keep their rank.
    """
    name = free_name(VALUE_SCORE, [kpi["key"] for kpi in data["kpis"]])
    stars = [kpi | {"level": "strategic"} for kpi in data["kpis"] if kpi["level"] == "north_star"]
    others = [kpi for kpi in data["kpis"] if kpi["level"] != "north_star"]
    data["kpis"] = [{"key": name, "level": "north_star", "unit": None}, *stars, *others]
    data["objective"] |= {"mode": "north_star", "weights": {}, "lexicographic_order": []}
    by_key = {fold(key): value for key, value in scores.items()}
    for candidate in data["candidates"]:
        if (value := by_key.get(fold(candidate["key"]))) is not None:
            candidate["contributions"][name] = value


def free_name(name: str, taken: list[str]) -> str:
    """The name, with a number behind it where a KPI has it already."""
    known = {fold(key) for key in taken}
    tries = (name if not number else f"{name} {number + 1}" for number in range(len(known) + 1))
    return next(tried for tried in tries if fold(tried) not in known)
