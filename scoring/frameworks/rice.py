"""RICE = reach × impact × confidence ÷ effort (Sean McBride, Intercom)."""

from __future__ import annotations

from scoring.frameworks.scored import Scored, missing

#: Massive, high, medium, low, minimal impact on one person or event.
IMPACTS = (3, 2, 1, 0.5, 0.25)


def score(
    reach: float | None, impact: float | None, confidence: float | None, effort: float | None
) -> Scored:
    """Reach in people or events per period, impact one of ``IMPACTS``, confidence a fraction, effort > 0 in
    person-months. value = reach × impact × confidence, overall = value ÷ effort.
    """
    inputs = {"reach": reach, "impact": impact, "confidence": confidence, "effort": effort}
    if reach is None or impact is None or confidence is None or effort is None:
        return Scored(warnings=(missing(inputs),), inputs=inputs)
    if effort <= 0:
        return Scored(warnings=("effort must be more than 0",), inputs=inputs)
    value = reach * impact * confidence
    return Scored(value, effort, value / effort, inputs=inputs)
