"""What a person may say to a decision tool. Blank fields take the tool's own default."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from django import forms

from optimization.models import ObjectiveMode, Run, Scenario, Target, TargetKind
from optimization.problem import ALL, plain
from portfolio.amounts import amount
from scoring.models import Framework

CAPACITY = "capacity_total_tokens"
AS_IT_IS = "as it is"


class ToolForm(forms.Form):
    """The options of one tool, about one run."""

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        self.problem: dict[str, Any] = run.problem or {}

    @property
    def options(self) -> dict[str, Any]:
        """The action's options."""
        said = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
        return {"run": self.run.run_id, **said}


class TradeForm(ToolForm):
    force_in = forms.MultipleChoiceField(
        label="Force in", required=False, help_text="What drops to make room for it?"
    )
    force_out = forms.MultipleChoiceField(
        label="Force out", required=False, help_text="What would come in its place?"
    )

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(run, *args, **kwargs)
        rows = run.results.filter(contributions__isnull=False).order_by("initiative__title")
        for name, selected in (("force_in", False), ("force_out", True)):
            named = rows.filter(selected=selected).values_list(
                "initiative__initiative_key", "initiative__title"
            )
            self.fields[name].choices = [(key, f"{title} ({key})") for key, title in named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("force_in") and not given.get("force_out"):
            raise forms.ValidationError("Choose at least one initiative to force in or out.")
        return given


class CapacityForm(ToolForm):
    limit = forms.ChoiceField(
        label="Which limit",
        required=False,
        help_text="The whole capacity, or the cap of one dimension value.",
    )
    steps = forms.IntegerField(label="Steps each way", required=False, min_value=1, max_value=20, initial=3)
    size = forms.FloatField(
        label="Tokens per step", required=False, min_value=0.000001, help_text="Blank: 5% of the limit."
    )

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(run, *args, **kwargs)
        caps = (self.problem.get("constraints") or {}).get("caps", {})
        named = [
            (f"{name}:{value}", f"{value} ({name})") for name, values in caps.items() for value in values
        ]
        choices = [("", "The capacity and every cap"), (ALL, "The capacity"), *named]
        self.fields["limit"].choices = choices  # type: ignore[attr-defined]

    @property
    def options(self) -> dict[str, Any]:
        options = super().options
        dimension, _, key = options.pop("limit", "").partition(":")
        return options | ({"dimension": dimension, "key": key} if dimension else {})


class FrontierForm(ToolForm):
    points = forms.IntegerField(
        label="Points",
        required=False,
        min_value=2,
        max_value=100,
        initial=12,
        help_text="Each is solved to a proven best. More points show finer steps and take longer.",
    )


class RobustnessForm(ToolForm):
    resolves = forms.IntegerField(
        label="How many draws to solve again",
        required=False,
        min_value=1,
        max_value=1000,
        initial=100,
        help_text="Contributions are drawn anew within their uncertainty; the best portfolio is found again.",
    )
    seed = forms.IntegerField(
        label="Seed", required=False, min_value=0, initial=0, help_text="The same seed gives the same draws."
    )


class NearForm(ToolForm):
    forced = forms.IntegerField(
        label="How many to compute exactly",
        required=False,
        min_value=1,
        max_value=200,
        initial=20,
        help_text="All others get a proven lower bound.",
    )


class ScenarioForm(ToolForm):
    """A tool that asks about a run's scenario as it is now, not about the stored problem."""

    @property
    def place(self) -> dict[str, Any]:
        return {
            "scenario": self.run.scenario.scenario_name,
            "constraint_set": self.run.constraint_set_name,
            "candidates": self.run.candidate_choice,
        }


class WhatIfForm(ScenarioForm):
    name = forms.CharField(label="Name of the new scenario", max_length=100)
    capacity = forms.FloatField(label="Capacity in tokens", required=False, min_value=0)
    goals = forms.MultipleChoiceField(
        label="Floors that become goals",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="A goal is met as far as possible; a floor must be met.",
    )
    repairs = forms.MultipleChoiceField(
        label="Repairs",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Checked by solving again.",
    )
    mandatory = forms.MultipleChoiceField(label="Make mandatory", required=False)
    excluded = forms.MultipleChoiceField(label="Exclude", required=False)

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(run, *args, **kwargs)
        self.fields["name"].initial = Scenario.free_name(f"{run.scenario}, what if")
        capacity = run.scenario.capacity_total_tokens
        self.fields["capacity"].initial = None if capacity is None else plain(capacity)
        self._offer("goals", [(str(row.pk), floor_in_words(row)) for row in self._floors()])
        self._offer("repairs", [(entry["constraint"], entry["text"]) for entry in self._repairs()])
        named = run.results.filter(contributions__isnull=False).order_by("initiative__title")
        listed = named.values_list("initiative__initiative_key", "initiative__title")
        for name in ("mandatory", "excluded"):
            self._offer(name, [(key, f"{title} ({key})") for key, title in listed])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """The choices of a field; without any it is left out."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields[name]

    def _floors(self) -> Any:
        rows = self.run.scenario.targets.filter(floor_or_goal=TargetKind.FLOOR).select_related("kpi")
        return rows.filter(constraint_set_name__iexact=self.run.constraint_set_name)

    def _repairs(self) -> list[dict[str, Any]]:
        """Those that change a cell somebody entered."""
        found = (self.run.answer or {}).get("repairs", [])
        return [entry for entry in found if entry["constraint"] in self.run.sources]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Scenario.objects.filter(scenario_name__iexact=name).exists():
            raise forms.ValidationError(f"There is a scenario {name} already. Choose another name.")
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not self._changes(given):
            raise forms.ValidationError("Change something: the capacity, a target or an initiative.")
        return given

    @property
    def options(self) -> dict[str, Any]:
        given = self.cleaned_data
        return self.place | {"name": given["name"], "changes": self._changes(given)}

    def _changes(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        capacity = given.get("capacity")
        found = []
        if capacity is not None and capacity != self.run.scenario.capacity_total_tokens:
            found.append({"tab": "scenario_config", "column": CAPACITY, "value": capacity})
        for pk in given.get("goals") or []:
            found.append({"tab": "targets", "row": int(pk), "column": "floor_or_goal", "value": "goal"})
        chosen = given.get("repairs") or []
        found += [self._repaired(entry) for entry in self._repairs() if entry["constraint"] in chosen]
        for kind in ("mandatory", "excluded"):
            for key in given.get(kind) or []:
                values = {"constraint_type": kind, "dimension_key": key}
                found.append({"tab": "constraints", "values": values})
        return found

    def _repaired(self, entry: dict[str, Any]) -> dict[str, Any]:
        at = self.run.sources[entry["constraint"]]
        return {**at, "column": cell_of(entry["constraint"]), "value": entry["to"]}


def floor_in_words(row: Target) -> str:
    where = "" if row.dimension == ALL else f", {row.dimension} {row.dimension_key}"
    return f"{row.kpi}{where}: {amount(row.target_value)}"


def cell_of(pointer: str) -> str:
    """The column that holds the number behind a pointer into the problem."""
    if pointer.startswith("/targets/"):
        return "target_value"
    if pointer.startswith("/constraints/"):
        return "min_tokens" if pointer.startswith("/constraints/floors/") else "max_tokens"
    return CAPACITY


class PortfoliosForm(ScenarioForm):
    """Every ticked mode and framework, and every capacity, is a portfolio beside the scenario as it is."""

    modes = forms.MultipleChoiceField(
        label="Objectives", required=False, choices=ObjectiveMode.choices, widget=forms.CheckboxSelectMultiple
    )
    frameworks = forms.MultipleChoiceField(
        label="A framework's value score as the objective",
        required=False,
        choices=Framework.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Under the same constraints: what would the classic ranking have chosen?",
    )
    weights = forms.CharField(
        label="Weights for weighted KPIs",
        required=False,
        help_text="Such as “revenue 2, signups 1”. Blank: those of the scenario. Each KPI needs a target.",
    )
    capacities = forms.CharField(
        label="Other capacities",
        required=False,
        help_text="Tokens with spaces between, such as “300 400 500”.",
    )

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(run, *args, **kwargs)
        self.fields["modes"].initial = list(ObjectiveMode.values)

    def clean_weights(self) -> dict[str, float]:
        return dict(weight(part) for part in self.cleaned_data["weights"].split(",") if part.strip())

    def clean_capacities(self) -> list[float]:
        return [tokens(part) for part in self.cleaned_data["capacities"].split()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        asked = [given.get(name) for name in ("modes", "frameworks", "weights", "capacities")]
        if not self.errors and not any(asked):
            raise forms.ValidationError("Tick at least one objective, or name a capacity.")
        return given

    @property
    def options(self) -> dict[str, Any]:
        return self.place | {"variants": list(self._variants())}

    def _variants(self) -> Iterator[dict[str, Any]]:
        given = self.cleaned_data
        yield {"name": AS_IT_IS}
        for mode in given["modes"]:
            if mode != self.run.scenario.objective_mode:
                yield {"name": str(ObjectiveMode(mode).label), "mode": mode} | self._weights(mode)
        if given["weights"] and self._has_own_weights():
            yield {"name": "With these weights"} | self._weights(ObjectiveMode.WEIGHTED_KPIS)
        for name in given["frameworks"]:
            yield {"name": f"{Framework(name).label} value score", "framework": name}
        for number in given["capacities"]:
            yield {"name": f"{amount(number)} tokens", "capacity": number}

    def _has_own_weights(self) -> bool:
        """Whether these weights are no part of a mode that is asked anyway."""
        weighted = ObjectiveMode.WEIGHTED_KPIS
        is_own_mode = self.run.scenario.objective_mode == weighted
        return is_own_mode or weighted not in self.cleaned_data["modes"]

    def _weights(self, mode: str) -> dict[str, Any]:
        weights = self.cleaned_data["weights"]
        return {"weights": weights} if weights and mode == ObjectiveMode.WEIGHTED_KPIS else {}


def weight(part: str) -> tuple[str, float]:
    """``revenue 2`` → ("revenue", 2.0)."""
    kpi, _, number = part.strip().rpartition(" ")
    try:
        found = float(number)
    except ValueError:
        found = -1
    if not kpi or not 0 < found < math.inf:
        raise forms.ValidationError(f"“{part.strip()}” must be a KPI and its weight, such as “revenue 2”.")
    return kpi.strip(), found


def tokens(part: str) -> float:
    try:
        found = float(part.replace(",", ""))
    except ValueError:
        found = -1
    if not 0 <= found < math.inf:
        raise forms.ValidationError(f"“{part}” is not a number of tokens; write such as “300 400 500”.")
    return found
