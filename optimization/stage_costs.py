"""What each stage of a lexicographic answer cost: the north star given up to hold its shortfall.

The stages are held one after the other, as they were found. Before any of them the best portfolio is worth
the most; every stage that is held can only take from that. What it takes is its cost, so costs are never
negative and add up to everything the mode gave up for its targets.
"""

from __future__ import annotations

from itertools import pairwise

from optimization.decisions.asking import Answer, Asking, Number, Stop, is_proven
from optimization.decisions.difference import minus
from optimization.objective import first_stages
from optimization.problem import Problem

Costs = list[Number | None]


def stage_costs(problem: Problem, answer: Answer, should_stop: Stop | None = None) -> Costs:
    """By stage of the answer: its cost in the north star's unit, None where that isn't proven.

    A problem with the targets of the first stages alone has the same first results, so each value is one
    solve. Values only fall, so between two equal ones nothing needs solving.
    """
    stages = first_stages(problem)
    if not stages or not is_proven(answer) or answer["objective_value"] is None:
        return [None] * len(answer["stages"])
    values = Values(problem, Asking(should_stop, None, len(stages)))
    values.known[len(stages)] = answer["objective_value"]
    values.between(0, len(stages))
    found = [values.known.get(number) for number in range(len(stages) + 1)]
    return [cost(*pair) for pair in pairwise(found)]


def cost(before: Number | None, after: Number | None) -> Number | None:
    return None if before is None or after is None else minus(before, after)


class Values:
    """The best north star by how many of the first stages are held."""

    def __init__(self, problem: Problem, asking: Asking) -> None:
        self.problem, self.asking = problem, asking
        self.stages = first_stages(problem)
        self.known: dict[int, Number | None] = {}

    def between(self, low: int, high: int) -> None:
        """Fills the values from `low` up to `high`, which is known."""
        if low not in self.known:
            self.known[low] = self._value(low)
        if high - low < 2:
            return
        if self.known[low] is not None and self.known[low] == self.known[high]:
            self.known |= dict.fromkeys(range(low + 1, high), self.known[low])
            return
        middle = (low + high) // 2
        self.known[middle] = self._value(middle)
        self.between(low, middle)
        self.between(middle, high)

    def _value(self, held: int) -> Number | None:
        if self.asking.is_stopped:
            return None
        targets = [target for stage in self.stages[:held] for target in stage.targets]
        found = self.asking.best(self.problem.model_copy(update={"targets": targets}), "What each stage cost")
        return found["objective_value"] if is_proven(found) else None
