"""From the planning tables to one problem: who is a candidate, which rows hold, what is set aside and why.

Plain rows in, plain data out; the rules for initiatives that are known but no candidates live here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from initiatives.periods import Period, PeriodError, parse

from .constraint_set import DIMENSIONS, ConstraintSet, Row, RowErrors, compile_constraint_set, text
from .problem import Options, fold
from .reading import ProblemInvalid, read_problem
from .warnings import REDUNDANT, Warning, few, redundant, warn

CLOSED = ("rejected", "archived", "done")
DONE = "done"
LEVELS = ("north_star", "strategic")
SCENARIO = "scenario"  # the "row id" of errors in the scenario itself
SetAside = dict[str, str]  # {"key", "reason"}


@dataclass
class Compiled:
    """A problem (None when there are errors) and everything a person should know about how it came to be.

    `errors` maps a row id to [{column, message}]: rows of Constraints and Targets by their id, candidates by
    their key, the scenario as "scenario".
    """

    problem: dict[str, Any] | None = None
    constraint_set: ConstraintSet = field(default_factory=ConstraintSet)
    errors: RowErrors = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    chains: Sequence[Sequence[str]] = ()

    def warnings_for(self, objective: Mapping[str, Any]) -> list[Warning]:
        """The warnings, were this the objective (of a problem file)."""
        others = [warning for warning in self.warnings if warning["code"] != REDUNDANT]
        return others + redundant(objective.get("mode"), objective.get("weights"), self.chains)


def compile_problem(
    scenario: Row,
    constraint_rows: Iterable[Row],
    target_rows: Iterable[Row],
    initiatives: Iterable[Row],
    kpis: Iterable[Row],
    others: Mapping[str, str] | None = None,
    chains: Sequence[Sequence[str]] = (),
    options: Mapping[str, Any] | None = None,
) -> Compiled:
    """Compiles one scenario and constraint set.

    `scenario`: period_key, capacity_total_tokens, objective_mode, objective_scope, objective_weights (dict),
    lexicographic_order (list). `initiatives`: key, flagged, period, status, scope_mode, tokens, tokens_mvp,
    mvp_value_share, contributions {kpi: value}, dimensions {dimension: value}, earliest_start,
    latest_finish, deadline (dates). Those that are no candidates, and `others` {key: status}, are merely
    known. `kpis`: key, level, unit, is_active. `chains`: metric chains as lists of KPI names.
    """
    return Compilation(scenario, initiatives, kpis, others or {}).run(
        constraint_rows, target_rows, chains, options or {}
    )


class Compilation:
    """One compilation: candidates are narrowed down, then the rows are fitted to those that are left."""

    def __init__(
        self, scenario: Row, initiatives: Iterable[Row], kpis: Iterable[Row], others: Mapping[str, str]
    ) -> None:
        self.scenario = scenario
        self.result = Compiled()
        self.kpis = [k for k in kpis if k.get("is_active", True) and k["level"] in LEVELS]
        self.period = self._period()
        self.statuses = {fold(key): status for key, status in others.items()}
        self.known = {fold(key): key for key in others}
        self.candidates: dict[str, Row] = {}
        self.reasons: dict[str, str] = {}  # folded key → why it was set aside
        for row in initiatives:
            self._admit(row)

    def run(
        self,
        constraint_rows: Iterable[Row],
        target_rows: Iterable[Row],
        chains: Sequence[Sequence[str]],
        options: Mapping[str, Any],
    ) -> Compiled:
        names = [k["key"] for k in self.kpis]
        rows = compile_constraint_set(constraint_rows, target_rows, self.known.values(), names)
        self.result.constraint_set = rows
        self._set_dependents_aside(rows.constraints)
        constraints = self._fitted(rows)
        for row_id, errors in rows.errors.items():
            self.result.errors.setdefault(row_id, []).extend(errors)
        self.result.chains = chains
        self.result.warnings += redundant(
            self.scenario.get("objective_mode"), self.scenario.get("objective_weights"), chains
        )
        self.result.set_aside = [
            {"key": self.known[key], "reason": reason} for key, reason in sorted(self.reasons.items())
        ]
        self._finish(self._problem(constraints, rows.targets, options), rows)
        return self.result

    # -- candidates ----------------------------------------------------------------------------------------

    def _period(self) -> Period | None:
        try:
            return parse(text(self.scenario, "period_key"))
        except PeriodError as error:
            self._wrong(SCENARIO, "period_key", str(error))
            return None

    def _admit(self, row: Row) -> None:
        key = fold(row["key"])
        self.known[key] = row["key"]
        self.statuses[key] = text(row, "status")
        if not self._is_candidate(row):
            return
        if reason := no_tokens(row) or self._bad_dates(row):
            self.reasons[key] = reason
        else:
            self.candidates[key] = row

    def _is_candidate(self, row: Row) -> bool:
        flagged = row.get("flagged", True) and fold(text(row, "status")) not in CLOSED
        return bool(flagged and self.period and same_period(text(row, "period"), self.period))

    def _bad_dates(self, row: Row) -> str | None:
        assert self.period is not None
        start, end = self.period.start, self.period.end
        dates: dict[str, date | None] = {
            name: row.get(name) for name in ("earliest_start", "latest_finish", "deadline")
        }
        if (earliest := dates["earliest_start"]) and earliest > end:
            return f"its earliest start {earliest} is after {self.period.key} ends ({end})"
        for name in ("latest_finish", "deadline"):
            if (last := dates[name]) and last < start:
                return f"its {name.replace('_', ' ')} {last} is before {self.period.key} starts ({start})"
        return None

    def _set_dependents_aside(self, constraints: Mapping[str, Any]) -> None:
        """Whoever requires, or is bundled with, what cannot be chosen; until nothing changes."""
        left = -1
        while left != len(self.candidates):
            left = len(self.candidates)
            for dependent, required in constraints["prerequisites"].items():
                missing = [key for key in required if not self._is_there(key)]
                if missing:
                    self._set_aside(dependent, f"it requires {self._absent(missing[0])}")
            for bundle in constraints["bundles"]:
                missing = [key for key in bundle["members"] if fold(key) not in self.candidates]
                for member in bundle["members"] if missing else ():
                    reason = f"bundle {bundle['key']} is set aside as a whole: {self._absent(missing[0])}"
                    self._set_aside(member, reason)

    def _set_aside(self, key: str, reason: str) -> None:
        if self.candidates.pop(fold(key), None):
            self.reasons[fold(key)] = reason

    def _is_there(self, key: str) -> bool:
        """A requirement can be chosen, or is done already."""
        return fold(key) in self.candidates or self.statuses.get(fold(key)) == DONE

    def _absent(self, key: str) -> str:
        """An initiative that is no candidate, with the reason."""
        if reason := self.reasons.get(fold(key)):
            return (
                f"{self.known[fold(key)]} is set aside ({reason})"
                if len(reason) < 120
                else f"{key} is set aside"
            )
        status = self.statuses.get(fold(key)) or "no status"
        return f"{self.known[fold(key)]}, which is not a candidate for this period (status: {status})"

    # -- rows fitted to the candidates ---------------------------------------------------------------------

    def _fitted(self, rows: ConstraintSet) -> dict[str, Any]:
        """The constraints with every reference to a non-candidate resolved by its rule."""
        constraints = rows.constraints
        for key in constraints["mandatory"]:
            if fold(key) not in self.candidates:
                message = f"mandatory, but {self._absent(key)}"
                self._wrong(rows.mandatory_rows[key], "dimension_key", message)
        return constraints | {
            "mandatory": [key for key in constraints["mandatory"] if fold(key) in self.candidates],
            "excluded": [key for key in constraints["excluded"] if fold(key) in self.candidates],
            "exclusion_pairs": [
                pair for pair in constraints["exclusion_pairs"] if self._all_in(pair, "exclusion pair")
            ],
            "bundles": [
                b for b in constraints["bundles"] if all(fold(k) in self.candidates for k in b["members"])
            ],
            "prerequisites": self._prerequisites(constraints["prerequisites"]),
            "synergies": [
                s for s in constraints["synergies"] if self._all_in(s["members"], f"synergy {s['key']}")
            ],
        }

    def _prerequisites(self, table: Mapping[str, list[str]]) -> dict[str, list[str]]:
        kept = {
            dependent: [key for key in required if fold(key) in self.candidates]
            for dependent, required in table.items()
            if fold(dependent) in self.candidates
        }
        return {dependent: required for dependent, required in kept.items() if required}

    def _all_in(self, members: Sequence[str], what: str) -> bool:
        missing = [key for key in members if fold(key) not in self.candidates]
        if missing:
            reason = f"{what} ({', '.join(members)}) is left out: {self._absent(missing[0])}"
            self.result.warnings.append(warn("constraint_left_out", reason))
        return not missing

    # -- the problem ---------------------------------------------------------------------------------------

    def _problem(
        self, constraints: dict[str, Any], targets: list[dict[str, Any]], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "candidates": [self._candidate(self.candidates[key]) for key in sorted(self.candidates)],
            "kpis": [
                {"key": k["key"], "level": k["level"], "unit": k.get("unit") or None} for k in self.kpis
            ],
            "objective": {
                "mode": text(self.scenario, "objective_mode") or "north_star",
                "scope": text(self.scenario, "objective_scope") or "all",
                "weights": dict(self.scenario.get("objective_weights") or {}),
                "lexicographic_order": list(self.scenario.get("lexicographic_order") or []),
            },
            "capacity_total": self.scenario.get("capacity_total_tokens"),
            "constraints": constraints,
            "targets": targets,
            "options": Options(**options).model_dump(),
        }

    def _candidate(self, row: Row) -> dict[str, Any]:
        kpis = {fold(k["key"]): k["key"] for k in self.kpis}
        brought = row.get("contributions") or {}
        return {
            "key": row["key"],
            "tokens": row.get("tokens"),
            "contributions": {kpis[fold(k)]: v for k, v in sorted(brought.items()) if fold(k) in kpis},
            "dimensions": {
                name: row["dimensions"][name] for name in DIMENSIONS if row["dimensions"].get(name)
            },
            "scope_mode": scope_of(row),
            "tokens_mvp": row.get("tokens_mvp"),
            "mvp_value_share": row.get("mvp_value_share"),
        }

    def _finish(self, problem: dict[str, Any], rows: ConstraintSet) -> None:
        """What reading the problem finds wrong is told at the row it came from."""
        try:
            read_problem(problem)
        except ProblemInvalid as invalid:
            for error in invalid.errors:
                self._wrong(*origin(error["pointer"], problem, rows), error["text"])
        self.result.problem = None if self.result.errors else problem
        estimated_once = [k for k, row in self.candidates.items() if text(row, "scope_mode") == "auto"]
        lost = [self.known[k] for k in estimated_once if scope_of(self.candidates[k]) != "auto"]
        if lost:
            message = f"no choice of scope, because only one scope is estimated: {few(lost)}"
            self.result.warnings.append(warn("scope_not_estimated", message))

    def _wrong(self, row_id: Any, column: str, message: str) -> None:
        self.result.errors.setdefault(row_id, []).append({"column": column, "message": message})


def no_tokens(row: Row) -> str | None:
    """Why an initiative without an estimate for its scope cannot be chosen."""
    mode = text(row, "scope_mode") or "full"
    if mode == "full" and row.get("tokens") is None:
        return "it has no engineering tokens"
    if mode == "mvp" and row.get("tokens_mvp") is None:
        return "its scope is mvp, but it has no MVP tokens"
    if mode == "mvp" and row.get("mvp_value_share") is None:
        return "its scope is mvp, but it has no MVP value share"
    return "it has tokens for neither scope" if scope_of(row) == "none" else None


def scope_of(row: Row) -> str:
    """The scope that can be chosen: auto needs estimates for both, else only the estimated one is left."""
    mode = text(row, "scope_mode") or "full"
    if mode != "auto":
        return mode
    mvp = row.get("tokens_mvp") is not None and row.get("mvp_value_share") is not None
    if row.get("tokens") is None:
        return "mvp" if mvp else "none"
    return "auto" if mvp else "full"


def same_period(written: str, period: Period) -> bool:
    try:
        return parse(written).key == period.key
    except PeriodError:
        return False


ORIGINS = {
    "mode": "objective_mode",
    "scope": "objective_scope",
    "weights": "objective_weights",
    "lexicographic_order": "lexicographic_order",
}


def origin(pointer: str, problem: Mapping[str, Any], rows: ConstraintSet) -> tuple[Any, str]:
    """(row id, column) a JSON pointer into the problem came from."""
    _, place, *rest = pointer.split("/")
    if place == "candidates" and rest:
        return problem["candidates"][int(rest[0])]["key"], rest[1] if len(rest) > 1 else "key"
    if place == "targets" and rest:
        return rows.target_rows[int(rest[0])], "target_value"
    if place == "objective" and rest:
        return SCENARIO, ORIGINS[rest[0]]
    return SCENARIO, "capacity_total_tokens" if place == "capacity_total" else place
