"""Where to begin in an organisation that has nothing yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from initiatives.models import Initiative, Submission
from metrics.models import Level, Metric


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    url: str
    label: str
    done: bool = False


def is_fresh() -> bool:
    """Whether nobody has brought in anything yet."""
    return not (Initiative.objects.exists() or Submission.objects.exists())


def first_steps() -> list[Step]:
    """The three steps to a first portfolio, with those done already ticked."""
    return [
        Step(
            "Say what counts",
            "One north star and the strategic KPIs: contributions, targets and portfolios all speak of them.",
            reverse("tab", args=["metrics_config"]),
            "Add KPIs",
            done=Metric.objects.filter(is_active=True, kpi_level=Level.NORTH_STAR).exists(),
        ),
        Step(
            "Bring in the initiatives",
            "Import a spreadsheet as it is, or add what departments ask for on Intake, row by row.",
            reverse("import-page"),
            "Import a spreadsheet",
        ),
        Step(
            "Score them, and ask for a portfolio",
            "By RICE, WSJF or a math model; then say what a scenario may take, and run the optimizer.",
            reverse("tab", args=["scenario_config"]),
            "Add a scenario",
        ),
    ]
