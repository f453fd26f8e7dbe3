import pytest

from portfolio.tabs.models import CellChange
from scoring.assistant.records import Suggestion
from tests.assistant.conftest import DRAFT, DRAFTING, FORMULA, VERDICT, ask, idea, model

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draft_lands_in_the_llms_columns_with_a_verdict_and_touches_nothing_of_a_persons(llm, kpis):
    row = idea()
    made = model(row, formula_text="value = mine", target_kpi="retention")
    llm.say(DRAFT, VERDICT)
    run = ask(DRAFTING, row.initiative_key)
    label = f"{row.initiative_key} · main"
    assert run.told == {label: ("changed", "Draft for revenue. Verdict: needs work, 1 issue.")}
    made.refresh_from_db()
    assert made.llm_suggested_formula == FORMULA
    assert made.llm_suggested_metric_chain == "conversion → orders → revenue"
    assert made.assumptions_text == "Traffic stays as it is.\nMargins hold."
    assert "Line 2: The cost side is missing." in made.llm_notes
    assert made.suggested_by_llm
    assert (made.formula_text, made.formula_approved, made.target_kpi.kpi_key) == (
        "value = mine",
        False,
        "retention",
    )
    kept = CellChange.objects.get(column="llm_suggested_formula")
    assert (kept.batch.who, kept.batch.surface) == ("LLM", "llm")


def test_the_suggestion_keeps_who_asked_which_model_which_prompt_and_what_it_cost(llm, kpis):
    made = model(idea())
    llm.say(DRAFT, VERDICT)
    run = ask(DRAFTING)
    (kept,) = Suggestion.objects.all()
    assert (kept.task, kept.math_model, kept.initiative) == ("math_model", made, made.initiative)
    assert (kept.answer, kept.verdict, kept.failed) == (DRAFT, VERDICT, "")
    assert (kept.asked_by, kept.llm_model, kept.run) == ("ana", "test-model", run)
    assert kept.prompt_version.startswith("math_model 1.1 ")
    assert (kept.tokens_in, kept.tokens_out) == (200, 100)
    assert (run.result["calls"], run.result["tokens"]) == (2, 300)
    assert Suggestion.objects.latest_of(made, "math_model") == kept
