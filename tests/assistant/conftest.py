"""An organisation, an initiative worth drafting, and the LLM it is drafted by."""

from __future__ import annotations

import pytest

from portfolio.actions.runner import run_inline
from tests.assistant.llm_server import LlmServer
from tests.factories import actor, create, initiative, north_star, strategic

FORMULA = "extra_orders = sessions * conversion_uplift\nvalue = extra_orders * order_margin"
DRAFT = {
    "formula_text": FORMULA,
    "assumptions": ["Traffic stays as it is.", "Margins hold."],
    "notes": "Nothing is said about cost.",
    "target_kpi": "revenue",
    "metric_chain": ["conversion", "orders", "revenue"],
}
VERDICT = {
    "verdict": "needs_work",
    "issues": [{"line": 2, "text": "The cost side is missing."}],
    "strengths": ["It counts a change."],
}
CHAIN = {"chain": ["conversion", "orders", "revenue"], "reasoning": "More conversion, more orders."}


def metadata(*names, **changes):
    """A good answer about these params; ``changes`` hold for each of them."""
    usual = {
        "description": "What it measures.",
        "unit": "count",
        "min": None,
        "max": None,
        "distribution": None,
        "source": "Analytics",
    }
    return {"parameters": [{"name": n, "display": f"The {n}", **usual, **changes} for n in names]}


@pytest.fixture
def llm(settings):
    """A server for the LLM, and settings that lead to it."""
    server = LlmServer()
    settings.OPENAI_API_KEY, settings.LLM_MODEL = "sk-secret", "test-model"
    settings.LLM_BASE_URL = server.url
    settings.LLM_MAX_CALLS_PER_RUN, settings.LLM_DEBOUNCE_HOURS, settings.LLM_DAILY_TOKEN_CAP = 50, 24, 0
    settings.LLM_CALL_SECONDS = 20
    yield server
    server.close()


@pytest.fixture
def kpis(db):
    return north_star("revenue", unit="GBP"), strategic("retention", unit="ratio")


def idea(title="Faster checkout", **values):
    """An initiative with enough context."""
    values.setdefault("problem_statement", "Half of the visitors leave at the payment step.")
    return initiative(title, **values)


def model(row, name="main", **values):
    return create("math_models", initiative_key=row.initiative_key, model_name=name, **values)


def ask(action, *keys, who=None, **options):
    """Run an action to its end; the run, with its rows as ``{key: (status, message)}``."""
    scope = {"type": "keys", "keys": list(keys)} if keys else {"type": "all"}
    run = run_inline(who or actor("PM", name="ana"), action, scope, options)
    assert run.status == "succeeded", run.error
    run.told = {row.key: (row.status, row.message) for row in run.rows.all()}
    return run


DRAFTING = "pm.suggest_math_model_llm"
CHAINS = "pm.suggest_metric_chain_llm"
PARAMS = "pm.suggest_params_llm"
JUDGING = "pm.evaluate_math_model_llm"
SUMMING = "pm.summarise_llm"
