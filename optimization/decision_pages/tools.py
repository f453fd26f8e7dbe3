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
    )
}
