"""What the LLM may answer, task by task. Pure: the schemas are sent along, and every answer is held to them.

Limits are validators, not schema keywords, which strict structured outputs don't all take. Every field is
required for the same reason; what isn't known is null.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

LINE, PARAGRAPH, SCRIPT = 200, 2_000, 8_192


def _at_most(length: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > length:
            raise ValueError(f"at most {length} characters; this has {len(text)}")
        return text.strip()

    return AfterValidator(check)


def _few(most: int) -> AfterValidator:
    def check(items: list[object]) -> list[object]:
        if len(items) > most:
            raise ValueError(f"at most {most} entries; this has {len(items)}")
        return items

    return AfterValidator(check)


Line = Annotated[str, _at_most(LINE)]
Paragraph = Annotated[str, _at_most(PARAGRAPH)]
Lines = Annotated[list[Paragraph], _few(30)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class MetricChain(_Answer):
    """From the metric that moves first to an active north star or strategic KPI."""

    chain: Annotated[list[Line], _few(20)]
    reasoning: Paragraph


class MathModelDraft(_Answer):
    formula_text: Annotated[str, _at_most(SCRIPT)]
    assumptions: Lines
    notes: Paragraph
    target_kpi: Line
    metric_chain: Annotated[list[Line], _few(20)]


class ParamMetadata(_Answer):
    name: Line
    display: Line
    description: Paragraph
    unit: Annotated[str, _at_most(60)]
    min: float | None
    max: float | None
    distribution: Literal["pert", "triangular", "uniform", "lognormal_90", "fixed"] | None
    source: Literal["PM", "Analytics", "Finance", "Eng"]


class ParamsMetadata(_Answer):
    parameters: Annotated[list[ParamMetadata], _few(500)]


class Issue(_Answer):
    line: int | None
    text: Paragraph


class Evaluation(_Answer):
    verdict: Literal["good", "needs_work", "wrong"]
    issues: Annotated[list[Issue], _few(30)]
    strengths: Lines


class Summary(_Answer):
    """Two or three factual lines."""

    lines: Annotated[list[Annotated[str, _at_most(300)]], _few(3)]
