"""Who is skipped and why, and what a run may cost."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection

from portfolio.actions.job import Job
from portfolio.actions.models import ActionRun
from portfolio.actions.runner import run_inline
from scoring.assistant.client import Access, Client
from scoring.assistant.errors import StoppedError
from scoring.assistant.records import OrganisationContext, Suggestion, TokenDay
from scoring.assistant.schemas import MetricChain
from scoring.assistant.settings_state import why_off
from tests.assistant.conftest import (
    CHAIN,
    CHAINS,
    DRAFT,
    DRAFTING,
    FORMULA,
    JUDGING,
    PARAMS,
    SUMMING,
    VERDICT,
    ask,
    idea,
    metadata,
    model,
)
from tests.assistant.llm_server import Raw, completion
from tests.factories import actor, initiative, put, strategic

pytestmark = pytest.mark.django_db(transaction=True)


def only(run):
    (told,) = run.told.values()
    return told


# Who needs it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [DRAFTING, CHAINS])
def test_skipped_rows_say_why(llm, kpis, action):
    approved = model(idea("Approved"), "approved", formula_text="value = a", formula_approved=True)
    bare = model(initiative("Bare"), "bare")
    lonely = idea("Lonely")
    keys = [row.initiative.initiative_key for row in (approved, bare)] + [
        lonely.initiative_key,
        "INIT-999999",
    ]
    run = ask(action, *keys, regenerate=True)
    told = [f"{status}: {message}" for status, message in run.told.values()]
    assert sorted(told) == sorted(
        [
            "skipped: Approved already.",
            "skipped: Too little to go by. Write a problem statement or a hypothesis or a model description "
            "first.",
            "skipped: No math model yet. Say yes to Use Math Model on Scoring Inputs, or add one on Math "
            "Models.",
            "failed: There is no initiative or math model INIT-999999.",
        ]
    )
    assert llm.calls == []


def test_without_a_kpi_that_counts_nobody_is_asked(llm, db):
    model(idea())
    assert "no active north star or strategic KPI" in only(ask(DRAFTING))[1]


def test_a_model_description_is_context_enough(llm, kpis):
    model(initiative("Bare"), model_description="More sign-ups, times what each is worth.")
    llm.say(CHAIN)
    assert only(ask(CHAINS))[0] == "changed"


def test_a_row_that_was_answered_within_the_debounce_is_skipped_unless_asked(llm, kpis, settings):
    model(idea())
    llm.say(DRAFT, VERDICT)
    ask(DRAFTING)
    assert only(ask(DRAFTING)) == (
        "skipped",
        "Answered just now, within LLM_DEBOUNCE_HOURS (24). Regenerate to ask again.",
    )
    settings.LLM_DEBOUNCE_HOURS = 0
    assert "drafted a formula already" in only(ask(DRAFTING))[1]
    assert len(llm.calls) == 2
    llm.say(DRAFT, VERDICT)
    assert only(ask(DRAFTING, regenerate=True))[0] == "changed"


def test_a_failed_row_is_asked_again_at_once(llm, kpis):
    model(idea())
    llm.say(completion("nothing"))
    assert only(ask(CHAINS))[0] == "failed"
    llm.say(CHAIN)
    assert only(ask(CHAINS))[0] == "changed"


def test_params_are_debounced_by_name(llm, kpis, settings):
    row = model(idea(), formula_text="value = a", formula_approved=True)
    llm.say(metadata("a"))
    ask(PARAMS)
    put("params", row.initiative.params.get(), unit="")
    assert only(ask(PARAMS))[0] == "skipped"
    put("math_models", row, formula_text="value = a * b", formula_approved=True)
    llm.say(metadata("b"))
    assert "Described: b." in only(ask(PARAMS))[1]
    Suggestion.objects.update(when=Suggestion.objects.first().when - timedelta(hours=25))
    llm.say(metadata("a"))
    assert "Described: a." in only(ask(PARAMS))[1]


def test_params_of_an_unapproved_formula_are_not_described(llm, kpis):
    model(idea(), formula_text="value = a")
    assert only(ask(PARAMS))[1].startswith("The formula is not approved yet.")


def test_a_row_can_be_named_by_its_label(llm, kpis):
    row = idea()
    model(row, "one"), model(row, "two")
    llm.say(CHAIN)
    run = ask(CHAINS, f"{row.initiative_key.lower()} · TWO")
    assert list(run.told) == [f"{row.initiative_key} · two"]


def test_a_formula_is_judged_once_until_it_changes(llm, kpis):
    made = model(idea(), formula_text=FORMULA)
    llm.say(VERDICT)
    assert only(ask(JUDGING)) == ("changed", "Verdict: needs work.\nLine 2: The cost side is missing.")
    assert only(ask(JUDGING))[0] == "skipped"
    put("math_models", made, formula_text="value = other")
    assert only(ask(JUDGING))[0] == "changed"
    kept = Suggestion.objects.latest_of(made, "evaluate")
    assert (kept.verdict["verdict"], kept.answer) == ("needs_work", {"formula_text": "value = other"})


# What the prompt knows ---------------------------------------------------------------------------------


def test_the_prompt_knows_the_organisation_its_kpis_and_names_used_elsewhere(llm, kpis):
    OrganisationContext.objects.create(text="We run parcel lockers.", who="ana")
    other = model(idea("Other"), formula_text="value = monthly_parcels * fee", formula_approved=True)
    put("params", other.initiative.params.get(param_name="fee"), unit="GBP", value=5)
    model(idea("Not approved"), formula_text="value = secret_name")
    made = model(idea("This", requester_name="Ana Person", requester_email="ana@example.com"))
    llm.say(CHAIN, DRAFT, VERDICT)
    ask(CHAINS, made.initiative.initiative_key), ask(DRAFTING, made.initiative.initiative_key)
    told = json.loads(llm.calls[1]["messages"][1]["content"][7:-8])
    assert told["organisation_context"] == "We run parcel lockers."
    assert told["kpis"]["targets"][0] == {"key": "revenue", "level": "north_star", "unit": "GBP"}
    assert told["param_names_elsewhere"] == [{"name": "fee", "unit": "GBP"}, {"name": "monthly_parcels"}]
    assert "Ana Person" not in llm.prompts()[1] and "example.com" not in llm.prompts()[1]


# What it may cost --------------------------------------------------------------------------------------


def test_a_run_makes_no_more_calls_than_it_may(llm, kpis, settings):
    settings.LLM_MAX_CALLS_PER_RUN = 3
    for number in range(5):
        model(idea(f"Idea {number}"))
    llm.say(CHAIN)
    run = ask(CHAINS)
    assert len(llm.calls) == 3
    assert (run.result["changed"], run.result["skipped"]) == (3, 2)
    assert "LLM_MAX_CALLS_PER_RUN" in list(run.told.values())[-1][1]
    assert ask(CHAINS).result["changed"] == 2


def test_repairs_and_second_looks_count_as_calls(llm, kpis, settings):
    settings.LLM_MAX_CALLS_PER_RUN = 1
    model(idea())
    llm.say(DRAFT)
    assert only(ask(DRAFTING)) == (
        "changed",
        "Draft for revenue. Not judged: the run has made all its calls.",
    )


def test_an_answer_is_settled_by_what_the_server_counted(llm, kpis):
    model(idea())
    llm.say(completion(CHAIN, usage=(1234, 56)))
    ask(CHAINS)
    day = TokenDay.today()
    assert (day.used, day.reserved) == (1290, 0)


def test_without_a_count_all_that_was_set_aside_is_used(llm, kpis):
    model(idea())
    llm.say(completion(CHAIN, usage=None))
    ask(CHAINS)
    assert TokenDay.today().used > 3000 and TokenDay.today().reserved == 0


def test_the_daily_cap_skips_rows_before_they_cost_anything(llm, kpis, settings):
    settings.LLM_DAILY_TOKEN_CAP = 10_000
    for number in range(3):
        model(idea(f"Idea {number}"))
    llm.say(completion(CHAIN, usage=(6000, 1000)))
    run = ask(CHAINS)
    assert [status for status, _ in run.told.values()] == ["changed", "skipped", "skipped"]
    assert "LLM_DAILY_TOKEN_CAP leaves too little" in list(run.told.values())[1][1]
    assert len(llm.calls) == 1


def test_two_workers_never_set_aside_more_than_the_cap(kpis, settings):
    settings.LLM_DAILY_TOKEN_CAP = 1000
    TokenDay.today()
    granted, start = [], threading.Barrier(4)

    def work():
        start.wait()
        granted.extend(TokenDay.today().reserve(70) for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 1000 // 70
    assert TokenDay.today().reserved == 70 * sum(granted)


def test_a_preview_asks_nothing_and_estimates(llm, kpis, settings):
    settings.LLM_MAX_CALLS_PER_RUN, settings.LLM_DAILY_TOKEN_CAP = 4, 1_000_000
    for number in range(3):
        model(idea(f"Idea {number}"))
    run = ask(DRAFTING, preview=True)
    told = run.result["estimate"]
    assert (told["rows"], told["later"], told["calls"], told["calls_allowed"]) == (2, 1, 4, 4)
    assert told["tokens_left"] == 1_000_000 and told["tokens"] > 4 * 8_000
    assert {status for status, _ in run.told.values()} == {"unchanged"}
    assert llm.calls == [] and not Suggestion.objects.exists()
    assert run.result["changed"] == 0


# Cancel ------------------------------------------------------------------------------------------------


def test_a_stopped_question_ends_at_once(llm):
    llm.say(Raw(hang=True))
    client = Client(Access("m", "k", llm.url, 60), 5)
    caught = []

    def ask_it():
        try:
            client.ask([{"role": "user", "content": "x"}], MetricChain, 10)
        except StoppedError:
            caught.append(True)

    thread = threading.Thread(target=ask_it)
    thread.start()
    while not llm.calls:
        thread.join(0.01)
    client.stop()
    thread.join(10)
    assert caught == [True]
    with pytest.raises(StoppedError):
        client.ask([{"role": "user", "content": "x"}], MetricChain, 10)


def test_a_cancelled_run_keeps_what_was_done_and_asks_no_more(llm, kpis):
    for number in range(3):
        model(idea(f"Idea {number}"))

    def second(call):
        ActionRun.objects.get().cancel("ana")
        connection.close()
        return Raw(hang=True)

    llm.say(CHAIN, second)
    run = run_inline(actor("PM", name="ana"), CHAINS)
    assert run.status == "cancelled"
    assert [row.status for row in run.rows.all()] == ["changed"]
    assert len(llm.calls) == 2 and TokenDay.today().reserved == 0


def test_an_answer_that_was_paid_for_is_used_by_the_next_attempt(llm, kpis):
    made = model(idea())
    llm.say(CHAIN)
    run = ask(CHAINS)
    run.rows.all().delete()
    put("math_models", made, llm_refresh=True)
    claimed = ActionRun.objects.get(pk=run.pk)
    ActionRun.objects.filter(pk=run.pk).update(status="running")
    from scoring.assistant.run import run as again

    claimed.status = "running"
    again(Job(claimed, actor("PM")), "metric_chain")
    assert len(llm.calls) == 1
    assert [row.status for row in run.rows.all()] == ["changed"]


# Off ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "url", "name", "word"),
    [
        ("", "", "", "No LLM is configured. Set OPENAI_API_KEY, or LLM_BASE_URL"),
        ("", "http://localhost:1/v1", "", "Set LLM_MODEL"),
        ("k", "localhost:1/v1", "", "must start with http"),
        ("", "", "name", "Set OPENAI_API_KEY"),
        ("k", "", "", ""),
        ("", "http://localhost:1/v1", "name", ""),
    ],
)
def test_what_to_set_is_said(settings, key, url, name, word):
    settings.OPENAI_API_KEY, settings.LLM_BASE_URL, settings.LLM_MODEL = key, url, name
    assert word in why_off()
    assert bool(why_off()) == bool(word)


@pytest.mark.parametrize("action", [DRAFTING, CHAINS, PARAMS, JUDGING, SUMMING])
def test_without_an_llm_the_actions_say_what_to_set(kpis, action):
    model(idea())
    run = run_inline(actor("PM"), action)
    assert run.status == "failed" and run.error.startswith("No LLM is configured. Set OPENAI_API_KEY")


def test_an_inactive_kpi_is_no_target(llm, kpis):
    strategic("clicks", is_active=False)
    model(idea())
    llm.say({**CHAIN, "chain": ["conversion", "clicks"]})
    assert only(ask(CHAINS))[0] == "failed"
