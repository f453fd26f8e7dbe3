"""The decision tools a run page offers, as the questions they answer."""

from __future__ import annotations

from dataclasses import dataclass

from optimization.decision_pages import forms
from optimization.models import DecisionKind


@dataclass(frozen=True)
class Tool:
    """``question`` in a director's words; ``gives``: what comes back; ``button`` starts it with its defaults.

    Without ``has_defaults`` there is nothing to start before a person chose something.
    """

    kind: str
    action: str
    question: str
    gives: str
    button: str
    form: type[forms.ToolForm]
    has_defaults: bool = True
    needs_portfolio: bool = True


TOOLS = {
    tool.kind: tool
    for tool in (
        Tool(
            DecisionKind.HORSE_TRADE,
            "pm.horse_trade",
            "If we force one in, what drops?",
            "The ledger of a horse trade: who leaves, who comes, what it costs.",
            "Choose initiatives",
            forms.TradeForm,
            has_defaults=False,
        ),
        Tool(
            DecisionKind.NEAR_MISSES,
            "pm.near_misses",
            "What almost made it?",
            "What each initiative outside would take to be chosen: more value, or fewer tokens.",
            "Find out",
            forms.NearForm,
        ),
        Tool(
            DecisionKind.CAPACITY,
            "pm.capacity_value",
            "What are more tokens worth?",
            "The value of a few tokens more or fewer, for the capacity and each cap.",
            "Find out",
            forms.CapacityForm,
        ),
        Tool(
            DecisionKind.FRONTIER,
            "pm.frontier",
            "How much capacity is enough?",
            "The efficient frontier: the best portfolio for every capacity.",
            "Draw the frontier",
            forms.FrontierForm,
        ),
        Tool(
            DecisionKind.ROBUSTNESS,
            "pm.robustness",
            "How sure is this portfolio?",
            "How often each initiative is chosen when contributions vary as uncertain as they are.",
            "Test it",
            forms.RobustnessForm,
        ),
        Tool(
            DecisionKind.WHAT_IF,
            "pm.what_if",
            "What if we changed something?",
            "Another capacity, a floor as a goal, someone in or out. The scenario itself stays as it is.",
            "Change something",
            forms.WhatIfForm,
            has_defaults=False,
            needs_portfolio=False,
        ),
        Tool(
            DecisionKind.PORTFOLIOS,
            "pm.generate_portfolios",
            "What would others have chosen?",
            "Several portfolios, by objective, framework or capacity, side by side.",
            "Choose objectives",
            forms.PortfoliosForm,
            has_defaults=False,
            needs_portfolio=False,
        ),
    )
}
