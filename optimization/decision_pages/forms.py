"""What a person may say to a decision tool. Blank fields take the tool's own default."""

from __future__ import annotations

from typing import Any

from django import forms

from optimization.models import Run
from optimization.problem import ALL


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
