"""The commands, and what follows an approval."""

import pytest

from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_queued
from scoring.models import Param
from tests.assistant.conftest import CHAIN, DRAFT, FORMULA, VERDICT, idea, metadata, model
from tests.assistant.llm_server import error
from tests.factories import put
from tests.scoring.test_jobs import command

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_command_asks_for_its_task(llm, kpis):
    made = model(idea())
    llm.say(CHAIN)
    assert command("suggest_chains")[1]["changed"] == 1
    llm.say(DRAFT, VERDICT)
    code, told = command("suggest_models", made.initiative.initiative_key)
    assert (code, told["changed"], told["calls"]) == (0, 1, 2)
    put("math_models", made, formula_text="value = fee", formula_approved=True)
    llm.say(metadata("fee"))
    assert command("suggest_params")[1]["row_results"][0]["message"] == "Described: fee."


def test_a_preview_shows_rows_and_the_estimate_and_asks_nothing(llm, kpis):
    model(idea())
    code, told = command("suggest_models", "--preview")
    assert (code, told["estimate"]["calls"], told["row_results"][0]["message"]) == (0, 2, "Would be drafted.")
    assert llm.calls == []


def test_a_preview_needs_no_llm_but_a_run_says_what_to_set(kpis):
    model(idea())
    code, told = command("suggest_models", "--preview")
    assert code == 0 and told["off"].startswith("No LLM is configured.")
    code, message = command("suggest_models")
    assert code == 2 and "Set OPENAI_API_KEY" in message


def test_regenerate_asks_again(llm, kpis):
    model(idea())
    llm.say(CHAIN)
    command("suggest_chains")
    assert command("suggest_chains")[1]["skipped"] == 1
    assert command("suggest_chains", "--regenerate")[1]["changed"] == 1


def test_some_failed_rows_are_exit_code_1(llm, kpis):
    model(idea("One")), model(idea("Two"))
    llm.say(error(500, "boom"), CHAIN)
    assert command("suggest_chains")[0] == 1


# What follows an approval -------------------------------------------------------------------------------


def test_approving_a_formula_queues_the_description_of_its_new_params(llm, kpis, person):
    from portfolio.tabs.actor import Actor

    ana = Actor.of(person("PM", username="ana"))
    made = model(idea(), formula_text=FORMULA)
    assert put("math_models", made, ana, formula_approved=True).ok
    run = ActionRun.objects.get()
    assert (run.action, run.status, run.actor_name) == ("pm.suggest_params_llm", "queued", "ana")
    assert run.keys == [f"{made.initiative.initiative_key} · main"]
    llm.say(metadata("sessions", "conversion_uplift", "order_margin"))
    run_queued(str(run.action_id))
    run.refresh_from_db()
    assert (run.status, run.result["changed"]) == ("succeeded", 1)
    assert Param.objects.exclude(unit="").count() == 3


def test_nothing_is_queued_without_new_params_without_approval_or_without_an_llm(llm, kpis, settings):
    made = model(idea(), formula_text="value = a")
    put("math_models", made, model_description="x")
    put("math_models", made, formula_text="value = 1")
    put("math_models", made, formula_approved=True)
    settings.OPENAI_API_KEY = settings.LLM_BASE_URL = ""
    put("math_models", made, formula_text="value = b", formula_approved=True)
    assert not ActionRun.objects.exists()


def test_a_refused_approval_queues_nothing(llm, kpis):
    made = model(idea(), formula_text="value = (")
    assert not put("math_models", made, formula_approved=True).ok
    assert not ActionRun.objects.exists()
