"""The smallest changes of numbers that let a portfolio exist, each verified on the changed problem.

What a change costs is its size relative to the limit (for a target: to what is needed above the baseline).
Where changing one limit is enough, each such limit is an alternative. Where none is, one set of changes is
needed together: the one whose costs, and a small price per changed limit, add up to the least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .breaches import is_limit
from .changed_limits import Change, apply, changes
from .core import Core
from .cpsat import Budget, Session
from .elastic import Elastic, cost_of_breaking
from .model import Model
from .nearest import nearest
from .problem import plain
from .reading import ProblemInvalid, read_problem
from .rules import Sum, rules
from .search import is_small
from .verify import PortfolioBroken, verify

Repair = dict[str, Any]  # {"constraint", "from", "to", "text", "together"}
Chosen = frozenset[int]
SECONDS = 0.6  # deterministic, shared by all questions to a solver, and at least
LEAST = 0.06  # for each of them


class Repairs:
    """The search for repairs of a problem whose conflict is known."""

    def __init__(self, model: Model, core: Core, budget: Budget) -> None:
        self.model, self.core, self.budget = model, core, budget
        self.until = budget.spent + SECONDS
        self.is_proven = True  # that nothing smaller is enough
        every = rules(model)
        self.limits = [rule for rule in every if isinstance(rule, Sum) and rule.sources]
        names = {rule.sources for rule in self.limits}
        self.fixed = [rule for rule in every if rule.sources not in names]

    def found(self) -> list[Repair]:
        """Every limit of the conflict that is enough alone, cheapest first; else one set of changes."""
        suspects = list(self._suspects())
        options: list[list[Change]] = []
        for asked, number in enumerate(suspects):
            self._allow(1 / (len(suspects) - asked))
            options += filter(None, [self._alone(number)])
        options.sort(key=lambda changed: changed[0].cost)
        return [repair for changed in options or [self._together()] for repair in told(changed)]

    def _suspects(self) -> Iterator[int]:
        """Limits of the conflict without which the others may hold, by their number in the core."""
        every = range(len(self.core.groups))
        for number in self.core.members:
            others = [other for other in every if other != number]
            if is_limit(self.core.groups[number]) and not self.core.clash(others):
                yield number

    def _alone(self, number: int) -> list[Change]:
        """The smallest change of one limit; where no time was enough for it, that of a known portfolio."""
        (rule,) = (each for each in self.limits if each.sources == self.core.groups[number][0].sources)
        if found := self._changed([rule]):
            return found
        known = [choice for choice, broken in self.core.witnesses if broken == {number}]
        told = (self._verified([rule], frozenset(np.flatnonzero(choice).tolist())) for choice in known)
        return min(filter(None, told), key=lambda changed: changed[0].cost, default=[])

    def _together(self) -> list[Change]:
        self._allow(0.5)
        limits = [] if is_small(self.model) else Elastic(self.model, self.fixed, self.limits).cheapest()
        return self._changed(limits) or self._changed(self._broken_at_least_cost())

    def _allow(self, share: float) -> None:
        """Deterministic time for the next question: a share of what is left for all."""
        self.budget.renew(max(LEAST, share * (self.until - self.budget.spent)))

    def _broken_at_least_cost(self) -> list[Sum]:
        """The limits that the portfolio breaks which costs least to allow."""
        self._allow(0.5)
        session = Session(self.model, self.fixed, self.budget)
        outcome = session.minimise(cost_of_breaking(session, self.limits))
        self._allow(1.0)
        self.is_proven &= outcome.proven
        if outcome.chosen is None:
            return []
        return [rule for rule in self.limits if changes(self.model, rule, outcome.chosen)]

    def _changed(self, limits: Sequence[Sum]) -> list[Change]:
        """The smallest changes of these limits that let a portfolio exist; [] when none was found."""
        if not limits:
            return []
        names = {rule.sources for rule in limits}
        kept = [*self.fixed, *(rule for rule in self.limits if rule.sources not in names)]
        found = nearest(self.model, kept, limits, self.budget)
        self.is_proven &= found.proven
        return [] if found.chosen is None else self._verified(limits, found.chosen)

    def _verified(self, limits: Sequence[Sum], chosen: Chosen) -> list[Change]:
        """What has to change for a portfolio; [] where it does not hold in the changed problem."""
        changed = [change for rule in limits for change in changes(self.model, rule, chosen)]
        return changed if self._holds(changed, chosen) else []

    def _holds(self, changed: list[Change], chosen: Chosen) -> bool:
        """Whether the portfolio keeps every constraint of the changed problem, read from the file up."""
        scopes = {v.candidate.key: str(v.scope) for v in self.model.variants if v.variable in chosen}
        try:
            verify(read_problem(apply(self.model.problem, changed)), scopes)
        except (ProblemInvalid, PortfolioBroken):
            return False
        return bool(changed)


def told(changed: list[Change]) -> list[Repair]:
    """One alternative; a limit with two sources changes both together."""
    return [
        {
            "constraint": change.constraint,
            "from": plain(change.before),
            "to": plain(change.after),
            "text": change.text,
            "together": len(changed) > 1,
        }
        for change in changed
    ]
