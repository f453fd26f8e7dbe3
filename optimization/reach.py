"""What each target could reach: the best total of its KPI in its place that any portfolio attains.

The portfolio keeps within capacity and governance (caps, floors on tokens, mandatory, bundles …) and is
free of every target. The number is the total of a real portfolio: proven best when the target is missed
(within the budget), within 0.1 % of the best when it is met. Where capacity and governance admit no
portfolio at all, it is what all candidates would bring together.
"""

from __future__ import annotations

from fractions import Fraction

from .cpsat import Budget, Session
from .feasibility import everything
from .model import Model
from .problem import Target, plain
from .rules import capacity, governance, links
from .verify import Measured, is_met

CLOSE_ENOUGH = 1e-3
SHARE = 0.1  # of the run's deterministic budget, per target


def reachable(model: Model, budget: Budget, measured: Measured | None) -> dict[int, int | float]:
    """Position of each target in the problem → what can be reached, in the KPI's unit."""
    if not model.problem.targets:
        return {}
    session = Session(model, [*links(model), *governance(model), *capacity(model)], budget)
    return {
        index: plain(float(best_total(session, target, measured)))
        for index, target in enumerate(model.problem.targets)
    }


def best_total(session: Session, target: Target, measured: Measured | None) -> Fraction:
    model = session.model
    terms = model.kpi(target.kpi, target.place)
    achieved = measured.achieved(target) if measured else None
    session.close_enough = CLOSE_ENOUGH if achieved is not None and is_met(target, achieved) else 0.0
    session.budget.renew(SHARE * model.problem.options.deterministic_seconds)
    outcome = session.minimise(session.expression({variable: -c for variable, c in terms.items()}))
    known = [Fraction(achieved)] if achieved is not None else []
    if outcome.chosen is not None:
        known.append(model.value(terms, set(outcome.chosen)))
    return max(known) if known else everything(model, target)
