"""How many tokens fewer a candidate would have to cost to be chosen, by bisection: each try is a solve."""

from __future__ import annotations

from fractions import Fraction
from typing import TypedDict

from optimization.problem import Candidate, Problem, Scope, plain

from .asking import Asking, Number, is_proven
from .capacities import grain


class FewerTokens(TypedDict):
    """The most tokens for which a candidate would be chosen, in the scope it would be built in."""

    scope: Scope
    tokens: Number  # as it is
    enough: Number | None  # chosen when it costs so many; None: not even for free
    fewer: Number | None
    proven: bool


def fewer_tokens(problem: Problem, key: str, scope: Scope, asking: Asking) -> FewerTokens | None:
    """Tries whole steps of the problem's smallest token difference; None when stopped before it was known."""
    candidate = next(c for c in problem.candidates if c.key == key)
    tokens, step = candidate.tokens_for(scope), grain(problem)
    told: FewerTokens = {
        "scope": scope,
        "tokens": plain(tokens),
        "enough": None,
        "fewer": None,
        "proven": True,
    }
    chosen, too_many = -1, int(tokens / step)  # in steps; -1: not chosen at any number tried
    while too_many - chosen > 1:
        tried = (too_many + chosen) // 2 if chosen >= 0 else 0
        found = asking.best(cheaper(problem, candidate, scope, tried * step), f"{key} for fewer tokens")
        if asking.is_stopped:
            return None
        told["proven"] &= is_proven(found)
        is_in = key in found["scope"]
        if tried == 0 and not is_in:
            return told
        chosen, too_many = (tried, too_many) if is_in else (chosen, tried)
    if chosen >= 0:
        told["enough"], told["fewer"] = plain(chosen * step), plain(tokens - chosen * step)
    return told


def cheaper(problem: Problem, candidate: Candidate, scope: Scope, tokens: Fraction) -> Problem:
    """The problem in which the candidate costs so many tokens in that scope."""
    field = "tokens" if scope == "full" else "tokens_mvp"
    changed = candidate.model_copy(update={field: float(tokens)})
    rows = [changed if c.key == candidate.key else c for c in problem.candidates]
    return problem.model_copy(update={"candidates": rows})
