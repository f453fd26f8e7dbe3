"""Horse trade: "if we force X in, what drops?" A ledger of everything that changes.

The forced problem is solved again; the promise is force-and-diff, not the smallest possible change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from optimization.problem import Problem, fold, pointer, spoken
from optimization.reading import ProblemInvalid
from optimization.rules import in_words
from optimization.solver import solve

from .asking import Answer, Document, Number, Progress, Stop, amount, is_proven, listed, objective_unit, read
from .difference import Difference, TargetChange, difference

Conflict = dict[str, str]  # {"constraint": JSON pointer, "text": …}


class Trade(TypedDict):
    """The ledger of a horse trade.

    `conflict` points into the problem, or at `/force_in/0` and `/force_out/0`: an entry of the question.
    """

    force_in: list[str]
    force_out: list[str]
    feasible: bool | None  # None: stopped before that was known
    proven: bool  # both portfolios are proven best
    complete: bool  # False: cancelled, or the wall clock ended it
    text: str  # the ledger in a sentence or two, with the sign of Δ objective in words
    conflict: list[Conflict]
    difference: Difference  # without the trade → with it; Δ objective below 0 is what the trade costs
    answer: Answer  # the whole answer with the trade


def trade(
    document: Document,
    force_in: list[str] | None = None,
    force_out: list[str] | None = None,
    answer: Answer | None = None,
    should_stop: Stop | None = None,
    progress: Progress | None = None,
) -> Trade:
    """What changes when these initiatives must be in, or must be out.

    `answer` is the answer without the trade, where it is known (else it is solved first). Raises
    ProblemInvalid for an invalid problem and for keys that are no candidates.
    """
    tell = progress or (lambda done, total, text: None)
    problem = read(document)
    forced = Forced(problem, force_in or [], force_out or [])
    if answer is None:
        tell(0, 2, "Solving without the trade")
        answer = solve(problem, should_stop=should_stop)
    tell(1, 2, "Solving with the trade")
    after = answer if forced.is_kept_by(answer) else solve(forced.problem(), should_stop=should_stop)
    tell(2, 2, "Comparing the two")
    return forced.ledger(answer, after)


class Forced:
    """A problem and what is forced in it."""

    def __init__(self, base: Problem, force_in: list[str], force_out: list[str]) -> None:
        self.base = base
        spelled = {fold(candidate.key): candidate.key for candidate in base.candidates}
        unknown = [
            {"pointer": pointer(side, index), "text": f"{key} is not the key of a candidate"}
            for side, keys in (("force_in", force_in), ("force_out", force_out))
            for index, key in enumerate(keys)
            if fold(key) not in spelled
        ]
        if unknown:
            raise ProblemInvalid(unknown)
        self.force_in = list(dict.fromkeys(spelled[fold(key)] for key in force_in))
        self.force_out = list(dict.fromkeys(spelled[fold(key)] for key in force_out))
        rules = base.constraints
        self._new_in = not_yet(self.force_in, rules.mandatory)
        self._new_out = not_yet(self.force_out, rules.excluded)

    def problem(self) -> Problem:
        """The problem with the forced initiatives as mandatory and excluded."""
        rules = self.base.constraints
        changed = {
            "mandatory": [*rules.mandatory, *self._new_in],
            "excluded": [*rules.excluded, *self._new_out],
        }
        return self.base.model_copy(update={"constraints": rules.model_copy(update=changed)})

    def is_kept_by(self, answer: Answer) -> bool:
        """Whether forcing changes nothing: the portfolio does it already, or there is none anyway."""
        scope = answer["scope"]
        kept = set(self.force_in) <= scope.keys() and not scope.keys() & set(self.force_out)
        return kept or answer["status"] == "infeasible"

    def ledger(self, before: Answer, after: Answer) -> Trade:
        """Everything that is different in `after`."""
        changed = difference(before, after, self.base)
        is_new = before["status"] != "infeasible"
        conflict = [self._said(entry) if is_new else entry for entry in after["conflict"]]
        found: Trade = {
            "force_in": self.force_in,
            "force_out": self.force_out,
            "feasible": {"infeasible": False, "unknown": None}.get(after["status"], True),
            "proven": is_proven(before) and is_proven(after),
            "complete": not any(was_interrupted(answer) for answer in (before, after)),
            "text": "",
            "conflict": conflict,
            "difference": changed,
            "answer": after,
        }
        return found | {"text": self._text(found, before)}

    def _said(self, entry: Conflict) -> Conflict:
        """A conflict of the forced problem, in words and places of the question."""
        text = entry["text"]
        for key in (*self._new_in, *self._new_out):
            must = "forced in" if key in self._new_in else "mandatory"
            may_not = "forced out" if key in self._new_out else "excluded"
            text = text.replace(f"{key} is both mandatory and excluded", f"{key} is {must} and {may_not}")
            if text in (f"{key} is mandatory", f"{key} is excluded"):
                text = f"{key} is {must if text.endswith('mandatory') else may_not}"
        if self._new_in and text.startswith("mandatory initiatives"):
            text = ("mandatory and " if self.base.constraints.mandatory else "") + "forced-in" + text[9:]
        return {"constraint": self._place(entry["constraint"]), "text": text}

    def _place(self, constraint: str) -> str:
        """Where in the problem, or in the question, a constraint was said."""
        for list_name, said, new, side in (
            ("mandatory", self.base.constraints.mandatory, self._new_in, "force_in"),
            ("excluded", self.base.constraints.excluded, self._new_out, "force_out"),
        ):
            for index, key in enumerate(new):
                if constraint == pointer("constraints", list_name, len(said) + index):
                    return pointer(side, getattr(self, side).index(key))
        return constraint

    def _text(self, found: Trade, before: Answer) -> str:
        what = self._what()
        if before["status"] == "infeasible":
            return "There is no portfolio even without the trade: " + reasons_of(found["conflict"])
        if found["feasible"] is False:
            return f"{what} is not possible: {reasons_of(found['conflict'])}"
        if found["feasible"] is None or before["portfolio_hash"] is None:
            return f"{what}: stopped before a portfolio was found"
        return " ".join(self._sentences(found, before))

    def _what(self) -> str:
        asked = {"in": self.force_in, "out": self.force_out}
        sides = [f"{listed(keys)} {way}" for way, keys in asked.items() if keys]
        return f"Forcing {' and '.join(sides) or 'nothing'}"

    def _sentences(self, found: Trade, before: Answer) -> Iterator[str]:
        changed = found["difference"]
        if changed["before_hash"] == changed["after_hash"]:
            yield f"{self._what()} changes nothing: the portfolio is that way already."
            return
        worth = price(changed["delta_objective"] or 0, objective_unit(self.base))
        yield f"{self._what()} {worth}: {movements(changed, self.force_in, self.force_out)}."
        yield from stage_changes(before["stages"], found["answer"]["stages"])
        yield from (target_text(target) for target in changed["targets"])
        if not found["proven"]:
            yield "Not proven: the search ended before both portfolios were known to be the best."


def not_yet(keys: list[str], said: list[str]) -> list[str]:
    known = {fold(key) for key in said}
    return [key for key in keys if fold(key) not in known]


def was_interrupted(answer: Answer) -> bool:
    return (answer.get("solver") or {}).get("stopped_by") in ("cancelled", "wall_clock")


def reasons_of(conflict: list[Conflict]) -> str:
    """The distinct sentences of a conflict."""
    said = dict.fromkeys(entry["text"] for entry in conflict)
    return "; ".join(said) or "no portfolio keeps every constraint"


def price(delta: Number, unit: str) -> str:
    """What Δ objective means: less is what the trade costs, more what it brings."""
    if delta == 0:
        return "costs nothing of the objective"
    return f"{'costs' if delta < 0 else 'brings'} {amount(abs(delta), unit)}"


def movements(changed: Difference, *told: list[str]) -> str:
    """Who drops and who comes besides those that were forced themselves."""
    known = {key for keys in told for key in keys}
    parts = [
        f"{verb} {listed([line['key'] for line in moved if line['key'] not in known])}"
        for verb, moved in (("drops", changed["drops"]), ("adds", changed["adds"]))
        if any(line["key"] not in known for line in moved)
    ]
    parts += [f"builds {c['key']} as {c['after']} instead of {c['before']}" for c in changed["scope_changes"]]
    return ", ".join(parts) or "nothing else moves"


def stage_changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    """Shortfalls that changed, in lexicographic mode; they come before the objective."""
    old = {(stage["kpi"], stage["kind"]): stage["shortfall"] for stage in before}
    for stage in after:
        was = old.get((stage["kpi"], stage["kind"]), 0)
        if was != stage["shortfall"]:
            verb = "grows" if stage["shortfall"] > was else "shrinks"
            amounts = f"from {spoken(was)} to {spoken(stage['shortfall'])}"
            yield f"The {stage['kind']} shortfall of {stage['kpi']} {verb} {amounts}."


def target_text(target: TargetChange) -> str:
    where = in_words(target["dimension"], target["dimension_key"])
    amounts = f"{spoken(target['achieved_after'])} of {spoken(target['need'])}"
    verdict = "met" if target["met_after"] else "missed"
    return f"The {target['type']} of {target['kpi']} {where} is {verdict} then: {amounts}."
