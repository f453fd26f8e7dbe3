"""Which page tells which decision."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse

from optimization.decision_pages.base import Told
from optimization.decision_pages.capacity import CapacityTold
from optimization.decision_pages.frontier import FrontierTold
from optimization.decision_pages.near import NearTold
from optimization.decision_pages.robustness import RobustnessTold
from optimization.decision_pages.trade import TradeTold
from optimization.decision_pages.what_if import WhatIfTold
from optimization.models import Decision, DecisionKind
from optimization.names import Names
from optimization.showing import counted


class SeveralTold(Told):
    """Several portfolios are read side by side, on the comparison page."""

    @property
    def elsewhere(self) -> str:  # type: ignore[override]
        runs = self.decision.runs.order_by("pk").values_list("run_id", flat=True)
        named = {"runs": ",".join(filter(None, runs)), "asked": self.decision.decision_id}
        return f"{reverse('run-compare')}?{urlencode(named)}"

    @property
    def headline(self) -> str:
        return f"{counted(self.decision.runs.count(), 'portfolio')} side by side."


PAGES: dict[str, type[Told]] = {
    DecisionKind.HORSE_TRADE: TradeTold,
    DecisionKind.NEAR_MISSES: NearTold,
    DecisionKind.CAPACITY: CapacityTold,
    DecisionKind.FRONTIER: FrontierTold,
    DecisionKind.ROBUSTNESS: RobustnessTold,
    DecisionKind.WHAT_IF: WhatIfTold,
    DecisionKind.PORTFOLIOS: SeveralTold,
    DecisionKind.COMPARE: SeveralTold,
}


def told(decision: Decision, names: Names, query: Mapping[str, str] | None = None) -> Told:
    return PAGES[decision.kind](decision, names, query)
