"""What one run was asked, is being asked, and can be asked."""

from __future__ import annotations

from functools import cached_property

from optimization.decision_pages.base import Told
from optimization.decision_pages.told import told
from optimization.decision_pages.tools import TOOLS, Tool
from optimization.models import Decision, Run
from optimization.names import Names
from portfolio.actions.models import ActionRun

SHOWN = 8


class Asking:
    """The tools that make sense for a run, and the answers there are."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def tools(self) -> list[Tool]:
        has_portfolio = self.run.objective_value is not None
        return [tool for tool in TOOLS.values() if has_portfolio or not tool.needs_portfolio]

    @cached_property
    def answered(self) -> list[tuple[Decision, Told]]:
        names = Names()
        found = self.run.decisions.select_related("run")[:SHOWN]
        return [(decision, told(decision, names)) for decision in found]

    @cached_property
    def count(self) -> int:
        return self.run.decisions.count()

    @cached_property
    def waiting(self) -> list[ActionRun]:
        """Questions about this run that are not answered yet."""
        actions = [tool.action for tool in TOOLS.values()]
        return list(ActionRun.objects.active().filter(action__in=actions, options__run=self.run.run_id))
