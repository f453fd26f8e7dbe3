"""The pages of the LLM and the ways to them."""

import json

import pytest
from django.urls import reverse

from portfolio.actions.models import ActionRun
from scoring.assistant.records import OrganisationContext, Suggestion
from tests.assistant.conftest import CHAIN, CHAINS, FORMULA, ask, idea, model

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana(client, person):
    client.force_login(person("PM", username="ana"))
    return client


def text(response):
    return response.content.decode()


def test_what_a_run_would_take_is_shown_before_it_starts(llm, kpis, ana):
    made = model(idea())
    model(idea("Approved"), formula_text="value = a", formula_approved=True)
    page = text(ana.get("/assistant/ask/math_model/"))
    assert "1 row: about 2 calls of 50 that a run may make" in page
    assert f"{made.initiative.initiative_key} · main" in page and "Approved already." in page
    assert llm.calls == [] and "Suggest models: 1 row" in page


def test_ticked_rows_are_the_scope_of_the_run_that_its_button_starts(llm, kpis, ana):
    model(idea("Other"))
    made = model(idea())
    page = text(ana.post("/assistant/ask/metric_chain/", {"rows": f"{made.pk},new-1"}))
    label = f"{made.initiative.initiative_key} · main"
    assert f'name="key" value="{label}"' in page and "Other" not in page
    form = {"action": CHAINS, "options": "{}", "key": label, "idempotency_key": "k"}
    ana.post("/actions/", form)
    assert ActionRun.objects.get().keys == [label]


def test_ticked_params_are_asked_about_alone(llm, kpis, ana):
    made = model(idea(), formula_text=FORMULA, formula_approved=True)
    row = made.initiative.params.first()
    page = text(ana.post("/assistant/ask/param_metadata/", {"rows": str(row.pk)}))
    assert f"MATH_MODEL · {row.param_name}" in page and "1 row: about 1 call" in page


def test_regenerating_is_part_of_the_estimate_and_of_the_run(llm, kpis, ana):
    model(idea())
    llm.say(CHAIN)
    ask(CHAINS)
    assert "No row needs it." in text(ana.get("/assistant/ask/metric_chain/"))
    page = text(ana.post("/assistant/ask/metric_chain/", {"regenerate": "on"}))
    assert "1 row: about 1 call" in page and "&quot;regenerate&quot;: true" in page


@pytest.mark.parametrize("tab", ["math_models", "params", "backlog"])
def test_without_an_llm_the_buttons_lead_to_what_has_to_be_set(kpis, ana, tab):
    model(idea())
    page = ana.get(f"/tabs/{tab}/")
    hrefs = {button.href for button in page.context["buttons"] if button.href.startswith("/assistant/")}
    assert hrefs
    for href in hrefs:
        page = text(ana.get(href))
        assert "Set OPENAI_API_KEY" in page and "btn--primary" not in page


def test_the_bar_for_ticked_rows_has_them_too(kpis, ana):
    told = json.loads(ana.get("/tabs/math_models/").context["bulk_actions"])
    assert {"/assistant/ask/math_model/", "/assistant/ask/evaluate/"} <= {
        button["href"] for button in told if button["keys_from"] == "*"
    }


def test_the_overview_shows_what_was_said_and_what_it_cost(llm, kpis, ana):
    model(idea())
    llm.say(CHAIN)
    ask(CHAINS)
    page = text(ana.get("/assistant/"))
    assert "150" in page and "Metric chain" in page and "test-model" in page and "sk-secret" not in page


def test_the_context_is_kept_with_who_and_when_and_can_be_taken_up_again(kpis, ana, person):
    url = reverse("assistant-context")
    ana.post(url, {"text": "We run lockers.", "seen": ""})
    first = OrganisationContext.current()
    assert (first.text, first.who) == ("We run lockers.", "ana")
    ana.post(url, {"text": "We run parcel lockers.", "seen": first.pk})
    assert OrganisationContext.current().text == "We run parcel lockers."
    assert "We run lockers.</textarea>" in text(ana.get(f"{url}?version={first.pk}"))
    assert OrganisationContext.objects.count() == 2


def test_two_people_who_write_the_context_at_once_see_each_other(kpis, ana):
    url = reverse("assistant-context")
    ana.post(url, {"text": "First.", "seen": ""})
    clash = ana.post(url, {"text": "Second.", "seen": ""})
    assert clash.status_code == 422 and "ana saved another text in the meantime." in text(clash)
    assert "Second.</textarea>" in text(clash) and OrganisationContext.current().text == "First."
    seen = OrganisationContext.current().pk
    assert f'value="{seen}"' in text(clash)
    ana.post(url, {"text": "Second.", "seen": seen})
    assert OrganisationContext.current().text == "Second."


def test_a_context_that_is_too_long_or_unchanged_is_not_saved(kpis, ana):
    url = reverse("assistant-context")
    assert ana.post(url, {"text": "x" * 8001, "seen": ""}).status_code == 422
    ana.post(url, {"text": "", "seen": ""})
    assert not OrganisationContext.objects.exists()


@pytest.mark.parametrize("path", ["/assistant/", "/assistant/ask/math_model/", "/assistant/context/"])
def test_only_those_who_may_ask_see_the_pages(kpis, client, person, path):
    client.force_login(person("Finance"))
    assert client.get(path).status_code == 403
    assert "/assistant/" not in text(client.get("/"))


def test_an_unknown_task_is_no_page(kpis, ana):
    assert ana.get("/assistant/ask/poem/").status_code == 404
    assert not Suggestion.objects.exists()
