"""The LLM's draft beside the PM's formula, and using it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portfolio.tabs.models import CellChange
from scoring.assistant.records import Suggestion, Task
from scoring.models import MathModel
from scoring.studio.drafts import side_by_side
from tests.factories import initiative, put
from tests.studio.conftest import FORMULA, path

pytestmark = pytest.mark.django_db

ANSWER = {
    "formula_text": "uplift = traffic * rate\nvalue = uplift * margin - cost",
    "assumptions": ["It lasts."],
    "notes": "Mind the cost.",
    "target_kpi": "revenue",
    "metric_chain": ["signup", "revenue"],
}


def suggested(row: Any, **told: Any) -> Suggestion:
    values = {"task": Task.MATH_MODEL, "answer": ANSWER, "llm_model": "test", "prompt_version": "1"} | told
    return Suggestion.objects.create(
        initiative=row, math_model=MathModel.objects.get(initiative=row), asked_by="ana", **values
    )


def use(client: Client, row: Any, suggestion: Suggestion, *parts: str, htmx: bool = True) -> Any:
    asked = {"HTTP_HX_REQUEST": "true"} if htmx else {}
    return client.post(path(row, f"use/{suggestion.pk}/"), {"part": parts}, **asked)


@pytest.mark.parametrize(
    ("mine", "theirs", "pairs"),
    [
        ("a\nb", "a\nb", [("a", "a", False), ("b", "b", False)]),
        ("a\nb", "a\nc", [("a", "a", False), ("b", "c", True)]),
        ("a\nb", "a\nx\ny\nb", [("a", "a", False), (None, "x", True), (None, "y", True), ("b", "b", False)]),
        ("a\nb\nc", "c", [("a", None, True), ("b", None, True), ("c", "c", False)]),
        ("", "a", [(None, "a", True)]),
        ("", "", []),
    ],
)
def test_lines_stand_side_by_side(mine: str, theirs: str, pairs: list[Any]) -> None:
    assert [(pair.mine, pair.theirs, pair.differs) for pair in side_by_side(mine, theirs)] == pairs


def test_the_draft_stands_beside_what_is_typed(ana: Client, checkout: Any) -> None:
    made = suggested(checkout).math_model
    asked = {"formula": "value = 1", "params": {}, "model": made.pk}
    answer = ana.post(path(checkout, "try/"), asked, content_type="application/json").json()
    assert "only yours: </span><code>value = 1</code>" in answer["draft"]
    asked["formula"] = ANSWER["formula_text"]
    answer = ana.post(path(checkout, "try/"), asked, content_type="application/json").json()
    assert "Your formula says what the draft says" in answer["draft"]


def test_without_a_draft_nothing_stands_beside_what_is_typed(ana: Client, checkout: Any) -> None:
    asked = {"formula": "value = 1", "params": {}, "model": MathModel.objects.get().pk}
    answer = ana.post(path(checkout, "try/"), asked, content_type="application/json")
    assert answer.json()["draft"] == ""


def test_without_an_llm_the_page_says_what_to_set(ana: Client, checkout: Any) -> None:
    page = ana.get(path(checkout)).text
    assert "Set OPENAI_API_KEY" in page
    assert 'disabled title="No LLM is configured.' in page


def asking(client: Client, row: Any, task: str) -> str:
    return client.get(path(row, f"ask/{task}/")).text


def test_with_an_llm_who_may_reads_what_asking_takes_before_asking(
    ana: Client, signed_in: Any, checkout: Any, settings: Any
) -> None:
    settings.OPENAI_API_KEY = "key"
    put("math_models", MathModel.objects.get(), formula_approved=False)
    page = ana.get(path(checkout)).text
    assert f'hx-get="{path(checkout, "ask/math_model/")}' in page
    assert "No draft yet." in page
    told = asking(ana, checkout, "math_model")
    assert "1 row: about 2 calls of" in told
    assert f'name="key" value="{checkout.initiative_key} · main"' in told
    assert 'title="PM or Admin may ask for it."' in signed_in("Finance").get(path(checkout)).text


def test_what_needs_no_llm_says_why_and_starts_nothing(ana: Client, checkout: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = "key"
    told = asking(ana, checkout, "math_model")
    assert "Approved already." in told
    assert "<form" not in told


def test_another_draft_replaces_what_the_llm_wrote(ana: Client, checkout: Any, settings: Any) -> None:
    settings.OPENAI_API_KEY = "key"
    put("math_models", MathModel.objects.get(), formula_approved=False)
    suggested(checkout)
    assert "&quot;regenerate&quot;: true" in asking(ana, checkout, "math_model")


@pytest.mark.parametrize("task", ["summary", "nonsense"])
def test_what_the_studio_does_not_ask_for_is_a_404(ana: Client, checkout: Any, task: str) -> None:
    assert ana.get(path(checkout, f"ask/{task}/")).status_code == 404


def test_the_draft_and_its_verdict_are_shown_and_nothing_changes(ana: Client, checkout: Any) -> None:
    issues = [{"line": 2, "text": "Where does the cost come from?"}]
    suggested(checkout, verdict={"verdict": "needs_work", "issues": issues, "strengths": []})
    page = ana.get(path(checkout)).text
    assert "<code>value = uplift * margin - cost</code>" in page
    assert page.count('class="differs"') == 1
    assert "Needs work" in page
    assert "Line 2: Where does the cost come from?" in page
    assert MathModel.objects.get().formula_text == FORMULA


def test_use_this_makes_it_the_persons_edit(ana: Client, checkout: Any) -> None:
    suggestion = suggested(checkout)
    answer = use(ana, checkout, suggestion, "formula", "assumptions")
    assert answer.status_code == 204
    assert "rowSaved" in answer.headers["HX-Trigger"]
    found = MathModel.objects.get()
    assert (found.formula_text, found.formula_approved) == (ANSWER["formula_text"], False)
    assert found.assumptions_text == "It lasts."
    written = CellChange.objects.filter(column="formula_text").latest("pk")
    assert written.batch.who == "ana"
    page = ana.get(path(checkout)).text
    assert "Used by ana" in page
    assert "Your formula says what the draft says" in page


def test_without_htmx_it_comes_back_to_the_page(ana: Client, checkout: Any) -> None:
    answer = use(ana, checkout, suggested(checkout), "formula", htmx=False)
    assert answer.url == path(checkout, f"?model={MathModel.objects.get().pk}")


@pytest.mark.parametrize("parts", [(), ("nonsense",)])
def test_nothing_usable_is_told(ana: Client, checkout: Any, parts: tuple[str, ...]) -> None:
    told = use(ana, checkout, suggested(checkout), *parts).headers["HX-Trigger"]
    assert '"kind": "error"' in told
    assert MathModel.objects.get().formula_text == FORMULA


def test_a_viewer_uses_nothing(signed_in: Any, checkout: Any) -> None:
    told = use(signed_in("Viewer"), checkout, suggested(checkout), "formula").headers["HX-Trigger"]
    assert "Your role may not enter Formula." in told
    assert MathModel.objects.get().formula_text == FORMULA


def test_a_suggestion_of_another_initiative_is_a_404(ana: Client, checkout: Any) -> None:
    assert use(ana, initiative("Other"), suggested(checkout), "formula").status_code == 404
    failed = suggested(checkout, failed="It timed out.", answer=None)
    assert use(ana, checkout, failed, "formula").status_code == 404
