"""Scoring Inputs: what RICE and WSJF score from, and every framework's scores side by side."""

from __future__ import annotations

from initiatives.models import Initiative
from portfolio.tabs.columns import Boolean, By, Choice, Fraction, Integer, LongText, Number, Shown
from portfolio.tabs.registry import register
from portfolio.tabs.tab import Tab
from portfolio.tabs.writing import RowState, Writing
from scoring import activation, primary, staleness
from scoring.columns import Scale
from scoring.frameworks import rice, wsjf
from scoring.models import PARTS, Framework


def _scores() -> list[Number]:
    return [
        Number(
            f"{framework.prefix}_{part}_score",
            place=f"scoring.{framework.prefix}_{part}_score",
            label=f"{_short(framework)} {part.title()} Score",
            help=f"The {part} {framework.label} gives.",
        )
        for framework in Framework
        for part in PARTS
    ]


def _ranks() -> list[Integer]:
    return [
        Integer(
            f"{framework.prefix}_rank",
            place=f"scoring.{framework.prefix}_rank",
            label=f"{_short(framework)} Rank",
            help=f"Its place among all initiatives by {framework.label} overall; equal scores share a place.",
        )
        for framework in Framework
    ]


def _spans() -> list[Integer]:
    """How sure the math model's rank is."""
    said = {
        "p10": "With a chance of 10% its math rank is this or better",
        "p90": "With a chance of 90% its math rank is this or better",
    }
    return [
        Integer(
            f"math_rank_{name}",
            place=f"scoring.math_rank_{name}",
            label=f"Math Rank {name.upper()}",
            help=f"{chance}, from the params' ranges. Blank while nothing is uncertain.",
        )
        for name, chance in said.items()
    ]


def _short(framework: Framework) -> str:
    return "Math" if framework is Framework.MATH_MODEL else framework.value


def _wsjf(name: str, label: str, help: str) -> Scale:
    return Scale(
        f"wsjf_{name}",
        place=f"scoring.wsjf_{name}",
        by=By.PM,
        steps=wsjf.SCALE,
        label=f"WSJF {label}",
        help=f"{help} 1, 2, 3, 5, 8, 13 or 20.",
    )


@register
class ScoringInputsTab(Tab):
    name = "scoring_inputs"
    title = "Scoring Inputs"
    workbook = "product_ops"
    help = "What RICE and WSJF score from, and every framework's scores side by side."
    model = Initiative
    key = ("initiative_key",)
    home = "scoring"
    fed_by = ("Open the Backlog", "/tabs/backlog/")
    ordering = ("initiative_key",)
    declared = [
        Shown("initiative_key", frozen=True, width=120),
        Shown("title", frozen=True, width=260),
        Choice(
            "active_scoring_framework",
            place="scoring.active_scoring_framework",
            by=By.PM,
            help="The framework whose scores count. Its value, effort and overall become the active ones.",
        ),
        Boolean(
            "use_math_model",
            place="scoring.use_math_model",
            by=By.PM,
            label="Use Math Model",
            help="Yes makes a first math model; blank is yes once a model is approved; "
            "no means no math score and no computed contribution.",
        ),
        Number(
            "rice_reach",
            place="scoring.rice_reach",
            by=By.PM,
            min=0,
            label="RICE Reach",
            help="People or events per period.",
        ),
        Scale(
            "rice_impact",
            place="scoring.rice_impact",
            by=By.PM,
            steps=rice.IMPACTS,
            label="RICE Impact",
            help="3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal.",
        ),
        Fraction(
            "rice_confidence",
            place="scoring.rice_confidence",
            by=By.PM,
            bare_percent=True,
            label="RICE Confidence",
            help="100% high, 80% medium, 50% low; anything from 0 to 100%.",
        ),
        Number(
            "rice_effort",
            place="scoring.rice_effort",
            by=By.PM,
            above=0,
            unit="person-months",
            label="RICE Effort",
            help="Person-months of the whole team, more than 0.",
        ),
        _wsjf("business_value", "Business Value", "User and business value."),
        _wsjf("time_criticality", "Time Criticality", "How the value decays with delay."),
        _wsjf("risk_reduction", "Risk Reduction", "Risk reduced or opportunity enabled."),
        _wsjf("job_size", "Job Size", "Size of the job."),
        *(
            Number(
                f"{part}_score",
                place=f"scoring.{part}_score",
                label=f"Active {part.title()} Score",
                help=f"The active framework's {part}.",
            )
            for part in PARTS
        ),
        LongText(
            "score_warnings",
            place="scoring.score_warnings",
            help="What kept a framework from scoring, and what looks wrong.",
        ),
        *_scores(),
        *_ranks(),
        *_spans(),
    ]

    def derive(self, writing: Writing, state: RowState) -> None:
        activation.follow_choice(state)

    def after(self, writing: Writing) -> None:
        primary.make_first_models(writing)
        primary.drop_first_models(writing)
        staleness.mark(writing, [s.row.pk for s in writing.effective if _scores_otherwise(s)])

    def context(self) -> str:
        return staleness.context()


def _scores_otherwise(state: RowState) -> bool:
    """Whether scoring would now say something else. The active scores have followed the choice already."""
    if activation.CHOICE in state.changed and state["value_score"] is None:
        return True
    return any(state.tab.column(name).entered_here for name in state.changed - {activation.CHOICE})
