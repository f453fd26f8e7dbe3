"""WSJF = cost of delay ÷ job size (SAFe, after Donald Reinertsen)."""

from __future__ import annotations

from scoring.frameworks.scored import Scored, missing

#: SAFe's modified Fibonacci scale, of all four inputs.
SCALE = (1, 2, 3, 5, 8, 13, 20)


def score(
    business_value: float | None,
    time_criticality: float | None,
    risk_reduction: float | None,
    job_size: float | None,
) -> Scored:
    """value = user-business value + time criticality + risk reduction / opportunity enablement; effort = job
    size; overall = value ÷ effort. All relative, on ``SCALE``.
    """
    inputs = {
        "business_value": business_value,
        "time_criticality": time_criticality,
        "risk_reduction": risk_reduction,
        "job_size": job_size,
    }
    if business_value is None or time_criticality is None or risk_reduction is None or job_size is None:
        return Scored(warnings=(missing(inputs),), inputs=inputs)
    if job_size <= 0:
        return Scored(warnings=("job size must be more than 0",), inputs=inputs)
    value = business_value + time_criticality + risk_reduction
    return Scored(value, job_size, value / job_size, inputs=inputs)
