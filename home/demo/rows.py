"""From the data files' short forms to the columns of the tabs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from home.demo.reading import Row, requester

ON_INTAKE = (
    "title",
    "requester_name",
    "requester_email",
    "requesting_team",
    "department",
    "country",
    "product_area",
    "problem_statement",
    "hypothesis",
    "deadline_date",
    "effort_tshirt_size",
)
ON_BACKLOG = (
    "category",
    "program_key",
    "customer_segment",
    "risk_level",
    "earliest_start_date",
    "latest_finish_date",
)
RICE = ("rice_reach", "rice_impact", "rice_confidence")
WSJF = ("wsjf_business_value", "wsjf_time_criticality", "wsjf_risk_reduction", "wsjf_job_size")
DAYS_PER_MONTH = 20  # RICE's effort is in person-months; a token is a person-day


def submission(row: Row) -> Row:
    """The cells of Intake."""
    person = requester(row["by"]) if "by" in row else {}
    stated = {name: row[name] for name in ON_INTAKE if name in row}
    if "where" in row:
        stated |= {"country": place(row)[0], "effort_tshirt_size": row["size"]}
    return person | stated


def place(row: Row) -> list[str]:
    """Country and market."""
    return row["where"].split(" / ")


def backlog(row: Row) -> Row:
    """The cells of the Backlog that Intake did not bring."""
    cells = {name: row[name] for name in ON_BACKLOG if name in row}
    cells |= {
        "market": place(row)[1],
        "lifecycle_status": row["status"],
        "engineering_tokens": row["tokens"],
        "effort_engineering_days": row["tokens"],
    }
    if "mvp" in row:
        tokens, share = row["mvp"]
        cells |= {"engineering_tokens_mvp": tokens, "mvp_value_share": share, "scope_mode": "auto"}
    if "period" in row:
        cells |= {"candidate_period_key": row["period"], "is_optimization_candidate": True}
    return cells


def scoring(row: Row, has_model: bool) -> Row:
    """The cells of Scoring Inputs: compliance work goes by WSJF, what has a model by it, the rest by RICE."""
    cells = dict(zip(WSJF, row.get("wsjf", ()), strict=False)) | dict(zip(RICE, row["rice"], strict=True))
    cells["rice_effort"] = row["tokens"] / DAYS_PER_MONTH
    by_wsjf = row["category"] == "Compliance" and "wsjf" in row
    cells["active_scoring_framework"] = "WSJF" if by_wsjf else "MATH_MODEL" if has_model else "RICE"
    return cells


def contribution(row: Row) -> Row:
    """The cells of KPI Contributions."""
    if "gives" not in row:
        return {}
    return {"contribution_override": row["gives"], "override_reason": row["because"]}


def model(row: Row) -> Row:
    """The cells of Math Models."""
    return {
        "model_name": row["name"],
        "target_kpi": row["target"],
        "immediate_kpi": row["chain"].split(" → ")[0],
        "metric_chain_text": row["chain"],
        "model_description": row.get("description"),
        "assumptions_text": row.get("assumptions"),
        "formula_text": row["formula"].strip(),
        "scenario_label": row.get("label"),
        "formula_approved": row.get("approved", True),
    }


def param(row: Row) -> Row:
    """The cells of Params; blanks are left alone."""
    low, high = row.get("range", (None, None))
    cells = {
        "param_display": row["label"],
        "value": row["value"],
        "unit": row["unit"],
        "min": low,
        "max": high,
        "distribution": row.get("distribution", "pert" if "range" in row else "fixed"),
        "source": row["source"],
        "approved": row.get("approved", True),
    }
    return {name: value for name, value in cells.items() if value is not None}


def scenario(row: Row) -> Row:
    """The cells of Scenario Config."""
    return {name: value for name, value in row.items() if name != "sets"}


def constraints(rules: Row, keys: dict[str, str]) -> Iterator[Row]:
    """The rows of Constraints that a set's rules stand for; ``keys`` are the initiatives' by ref."""
    for dimension, value, tokens in rules.get("caps", ()):
        yield _limit("capacity_cap", dimension, value, max_tokens=tokens)
    for dimension, value, tokens in rules.get("floors", ()):
        yield _limit("capacity_floor", dimension, value, min_tokens=tokens)
    for kind in ("mandatory", "excluded"):
        for ref in rules.get(kind, ()):
            yield {"constraint_type": kind, "dimension_key": keys[ref]}
    for pair in rules.get("exclusion_pairs", ()):
        yield {"constraint_type": "exclusion_pair", "member_keys": [keys[ref] for ref in pair]}
    for name, *members in rules.get("bundles", ()):
        yield _members("bundle", name, members, keys)
    for dependent, *required in rules.get("prerequisites", ()):
        yield _members("prerequisite", keys[dependent], required, keys)
    for bonus in rules.get("synergies", ()):
        yield _synergy(bonus, keys)


def _limit(kind: str, dimension: str, value: str, **tokens: Any) -> Row:
    return {"constraint_type": kind, "dimension": dimension, "dimension_key": value, **tokens}


def _members(kind: str, name: str, refs: list[str], keys: dict[str, str]) -> Row:
    return {"constraint_type": kind, "dimension_key": name, "member_keys": [keys[ref] for ref in refs]}


def _synergy(bonus: Row, keys: dict[str, str]) -> Row:
    return _members("synergy_bonus", bonus["name"], bonus["members"], keys) | {
        "min_members": bonus.get("at_least"),
        "kpi_key": bonus["kpi"],
        "bonus_value": bonus["bonus"],
    }


def targets(rules: Row) -> Iterator[Row]:
    """The rows of Targets of a set."""
    names = ("dimension", "dimension_key", "kpi_key", "target_value", "floor_or_goal")
    for values in rules.get("targets", ()):
        yield dict(zip(names, values, strict=True))
