"""Constraints that cannot hold: all that are impossible alone; else one smallest set that clashes together.

In a smallest set each member is needed for the clash. That a set clashes is proven by the LP where shares of
candidates clash already, else by CP-SAT; that a member is needed, by a witness: a portfolio that keeps all
the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .breaches import Breaches, Choice, Group, clause, constraints_of, is_limit
from .cpsat import Budget, Session
from .model import Model
from .rules import AnyOf, Rule, Sum, links
from .shares import clashing, roomy, rounded

CHECK_SECONDS = 1.0  # deterministic, for one question "can these hold together?" to CP-SAT
CORE_SECONDS = 10.0  # deterministic, for all of them


class Core:
    """The search for what cannot hold; `members` stays empty where nothing was proven within the budget."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self.model, self.budget = model, budget
        self.until = budget.spent + CORE_SECONDS
        self.groups = constraints_of(model)
        self.breaches = Breaches(model, self.groups)
        self.witnesses: list[tuple[Choice, frozenset[int]]] = []  # portfolios, and what each breaks
        self.is_open = False  # whether a question stayed without an answer
        for everything in (True, False):
            self._add_witness(self._all_or_nothing(everything))
        self.alone = [number for number in range(len(self.groups)) if self.clash([number])]
        self.members = self.alone or self._smallest()
        self.is_proven = not self.is_open  # that each of them is impossible, or that none can be spared

    def _all_or_nothing(self, everything: bool) -> Choice:
        """With one of the two most constraints hold by themselves; in full where there is a choice."""
        choice = np.full(self.model.size, everything)
        for _, (_, *others) in self.model.autos:
            choice[others] = False
        return choice

    def _smallest(self) -> list[int]:
        core = self._first()
        tested: set[int] = set()
        while untested := [number for number in self._spared_first(core) if number not in tested]:
            rest = [number for number in core if number != untested[0]]
            fewer = self.clash(rest, self._opposite(untested[0]))
            if fewer is None:
                tested |= {untested[0]} | self._needed(core)
            else:
                core = fewer
        return core

    def _first(self) -> list[int]:
        """Limits alone, if they clash: "this floor and the capacity" says more than a chain of exclusions."""
        every = list(range(len(self.groups)))
        limits = [number for number in every if is_limit(self.groups[number])]
        return self.clash(limits) or self.clash(every) or []

    def _spared_first(self, core: list[int]) -> list[int]:
        return sorted(core, key=lambda number: (is_limit(self.groups[number]), number))

    def _needed(self, core: list[int]) -> set[int]:
        """Members of which a witness shows that the others hold without them; more witnesses on the way."""
        found = self._witnessed(core)
        for choice, broken in list(self.witnesses[-1:]):
            if len(alone := broken.intersection(core)) == 1:
                for other in core:
                    if other not in found:
                        self._exchange(choice, next(iter(alone)), other)
        return self._witnessed(core)

    def _witnessed(self, core: list[int]) -> set[int]:
        every = [broken.intersection(core) for _, broken in self.witnesses]
        return {number for broken in every if len(broken) == 1 for number in broken}

    def _exchange(self, choice: Choice, broken: int, instead: int) -> None:
        """Witnesses that break another mandatory or excluded initiative instead of this one."""
        for kept in self._flipped(choice, broken, holds=True):
            for changed in self._flipped(kept, instead, holds=False):
                self._add_witness(changed)

    def _flipped(self, choice: Choice, number: int, holds: bool) -> Iterator[Choice]:
        """The choice with one mandatory or excluded initiative as the rule has it, or as it has it not."""
        (rule, *more) = self.groups[number]
        if more or not isinstance(rule, AnyOf) or len(rule.literals) != 1:
            return
        (literal,) = rule.literals
        is_in = literal if literal >= 0 else ~literal
        variants = self.variants.get(is_in, [is_in])
        for variant in variants if (literal >= 0) == holds else [None]:
            changed = choice.copy()
            changed[variants] = False
            if variant is not None:
                changed[variant] = True
            yield changed

    @property
    def variants(self) -> dict[int, list[int]]:
        return dict(self.model.autos)

    def _add_witness(self, choice: Choice) -> frozenset[int]:
        whole = self.breaches.completed(choice)
        broken = self.breaches.of(whole)
        self.witnesses.append((whole, broken))
        return broken

    # Questions --------------------------------------------------------------------------------------------

    def clash(self, numbers: list[int], given: Group = ()) -> list[int] | None:
        """Some of these constraints, proven to clash; None when they hold together, or nobody knows.

        `given`: what is known to hold wherever they do.
        """
        if any(broken.isdisjoint(numbers) for _, broken in self.witnesses):
            return None
        groups = [self.groups[number] for number in numbers]
        if (positions := clashing(self.model, groups)) is not None:
            return [numbers[position] for position in positions]
        shares = roomy(self.model, [*groups, given])
        if shares is not None and self._add_witness(rounded(shares)).isdisjoint(numbers):
            return None
        return self._clash_in_whole(numbers, given)

    def _opposite(self, number: int) -> Group:
        """What breaks a constraint, where that can be said: it holds where the others of a clash do."""
        rule, *more = self.groups[number]
        if more or isinstance(rule, Sum):
            return ()
        one, other = clause(rule)
        return (AnyOf("", (), (~one,)), AnyOf("", (), (~other,)))

    def _clash_in_whole(self, numbers: list[int], given: Group) -> list[int] | None:
        """The same question to CP-SAT, for whole candidates."""
        if self.budget.is_stopped or self.budget.spent >= self.until:
            self.is_open = True
            return None
        self.budget.renew(CHECK_SECONDS)
        session = Session(self.model, [*links(self.model), *self._rules(numbers), *given], self.budget)
        outcome = session.minimise(None)
        if outcome.chosen is not None:
            self._add_witness(as_choice(self.model, outcome.chosen))
        self.is_open |= not outcome.proven
        return numbers if outcome.infeasible else None

    def _rules(self, numbers: list[int]) -> list[Rule]:
        return [rule for number in numbers for rule in self.groups[number]]


def as_choice(model: Model, chosen: frozenset[int]) -> Choice:
    choice = np.zeros(model.size, dtype=np.bool_)
    choice[list(chosen)] = True
    return choice
