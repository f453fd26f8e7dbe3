"""What a person is asked before a run."""

from __future__ import annotations

from typing import Any

from django import forms

from optimization.models import DEFAULT_SET, CandidateChoice, Scenario

Choices = list[tuple[str, list[tuple[str, str]]]]


class RunForm(forms.Form):
    """A scenario with one of its constraint sets, and who competes."""

    question = forms.ChoiceField(label="Scenario and constraint set", help_text="From Scenario Config.")
    candidates = forms.ChoiceField(
        label="Candidates",
        choices=CandidateChoice.choices,
        initial=CandidateChoice.ALL,
        widget=forms.RadioSelect,
        help_text="Selected candidates are those ticked on the Candidates tab.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"].choices = questions()  # type: ignore[attr-defined]

    @property
    def options(self) -> dict[str, str]:
        """The action's options."""
        pk, name = self.cleaned_data["question"].split(":", 1)
        return {"scenario": Scenario.objects.get(pk=pk).scenario_name, "constraint_set": name}


def question_value(scenario_id: int, constraint_set: str) -> str:
    return f"{scenario_id}:{constraint_set}"


def questions() -> Choices:
    """Every scenario with its constraint sets, as the groups of a select."""
    return [
        (
            f"{scenario} ({scenario.period_key})",
            [
                (question_value(scenario.pk, name), f"{scenario} · {name}")
                for name in scenario.set_names() or [DEFAULT_SET]
            ],
        )
        for scenario in Scenario.objects.all()
    ]
