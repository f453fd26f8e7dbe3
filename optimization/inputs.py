"""What a run is asked, read from the database: rows as the compiler wants them, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from initiatives.models import Initiative
from metrics import organisation
from metrics.models import Metric
from optimization.compile import SCENARIO, Compiled, compile_problem
from optimization.models import FIELD_OF, CandidateChoice, Scenario
from optimization.problem import fold
from optimization.row_rules import group_of, plain_row, stored_rows
from portfolio.tabs import registry

Origin = dict[str, Any]  # {"tab", "row"}: where a person corrects it


class UnknownNameError(LookupError):
    """There is no scenario or constraint set of that name; the message lists those there are."""


@dataclass(frozen=True)
class Question:
    """One scenario with one constraint set, and which candidates may compete.

    ``keys`` narrows selected candidates to these initiatives instead of the ticked ones.
    """

    scenario: Scenario
    constraint_set: str
    choice: str = CandidateChoice.ALL
    keys: frozenset[str] | None = None

    def compile(self) -> Compiled:
        """Everything the solver may know. Row ids are ``(tab, pk)``."""
        rows = {name: list(self.rows(name)) for name in ("constraints", "targets")}
        return compile_problem(
            plain_row(registry.tab("scenario_config"), self.scenario, SCENARIO),
            rows["constraints"],
            rows["targets"],
            [self._initiative(row) for row in _graduated()],
            [_kpi(metric) for metric in Metric.objects.all()],
            dict(Initiative.objects.values_list("initiative_key", "lifecycle_status")),
            _chains(),
        )

    def rows(self, tab_name: str) -> Iterator[dict[str, Any]]:
        """The set's rows of one tab, oldest first."""
        tab = registry.tab(tab_name)
        group = group_of(self.scenario.scenario_name, self.constraint_set)
        return (plain_row(tab, row, (tab_name, row.pk)) for row in stored_rows(tab, group))

    def _initiative(self, row: Initiative) -> dict[str, Any]:
        contributions = getattr(row, "contributions", None)
        return {
            "key": row.initiative_key,
            "flagged": self._competes(row),
            "period": row.candidate_period_key,
            "status": row.lifecycle_status,
            "scope_mode": row.scope_mode,
            "tokens": row.engineering_tokens,
            "tokens_mvp": row.engineering_tokens_mvp,
            "mvp_value_share": row.mvp_value_share,
            "contributions": contributions.effective if contributions else {},
            "dimensions": {name: getattr(row, field) or None for name, field in FIELD_OF.items()},
            "earliest_start": row.earliest_start_date,
            "latest_finish": row.latest_finish_date,
            "deadline": row.deadline_date,
        }

    def _competes(self, row: Initiative) -> bool:
        if self.choice == CandidateChoice.ALL:
            return True
        if self.keys is not None:
            return fold(row.initiative_key) in self.keys
        candidacy = getattr(row, "candidacy", None)
        return bool(candidacy and candidacy.is_selected_for_run)


def question(
    scenario_name: str, constraint_set: str = "", choice: str = CandidateChoice.ALL, keys: Any = None
) -> Question:
    """The question people name; a blank set is the scenario's only one, else ``default``.

    Raises UnknownNameError.
    """
    known = {fold(scenario.scenario_name): scenario for scenario in Scenario.objects.all()}
    scenario = known.get(fold(scenario_name))
    if scenario is None:
        names = ", ".join(each.scenario_name for each in known.values())
        there_are = f"There are: {names}." if names else "Create one on Scenario Config first."
        raise UnknownNameError(f"There is no scenario “{scenario_name}”. {there_are}")
    chosen = None if keys is None else frozenset(map(fold, keys))
    return Question(scenario, _set_name(scenario, constraint_set.strip()), choice, chosen)


def _set_name(scenario: Scenario, written: str) -> str:
    if not written:
        return scenario.default_set()
    names = {fold(name): name for name in (*scenario.set_names(), scenario.default_set())}
    if fold(written) not in names:
        offered = ", ".join(names.values())
        raise UnknownNameError(f"{scenario} has no constraint set “{written}”. It has: {offered}.")
    return names[fold(written)]


def _graduated() -> Any:
    rows = Initiative.objects.filter(is_optimization_candidate=True).exclude(candidate_period_key="")
    return rows.select_related("contributions", "candidacy")


def _kpi(metric: Metric) -> dict[str, Any]:
    return {
        "key": metric.kpi_key,
        "level": metric.kpi_level,
        "unit": metric.unit,
        "is_active": metric.is_active,
    }


def _chains() -> list[list[str]]:
    """The metric chains of the organisation's graph, each once."""
    return [list(links) for links in sorted({chain.links for chain in organisation.chains()})]
