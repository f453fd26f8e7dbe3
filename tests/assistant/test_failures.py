"""Whatever the server does, one row fails with a sentence and the run goes on."""

import json

import pytest

from scoring.assistant import transport
from scoring.assistant.records import Suggestion, TokenDay
from tests.assistant.conftest import CHAIN, CHAINS, DRAFT, DRAFTING, VERDICT, ask, idea, model
from tests.assistant.llm_server import Raw, completion, error

pytestmark = pytest.mark.django_db(transaction=True)

HTML = Raw(b"<html><body>Welcome</body></html>", kind="text/html")
BUSY = {"Retry-After": "600"}

#: What the server does, and what the row is told.
FAILURES = {
    "refusal": (completion(None, refusal="I can't help with that."), "refused: I can't help with that."),
    "length": (completion('{"chain": ["conv', finish="length"), "cut off"),
    "filter": (completion("", finish="content_filter"), "content filter"),
    "empty": (completion(""), "empty answer"),
    "html with status 200": (HTML, "answered with text/html, not with JSON. Check LLM_BASE_URL"),
    "json that is no completion": (Raw(b"[]"), "sent no answer"),
    "no choices": (Raw(b'{"choices": []}'), "sent no answer"),
    "choices of another shape": (Raw(b'{"choices": [{"text": "x"}]}'), "sent no answer"),
    "an error with status 200": (Raw(b'{"error": {"message": "model is loading"}}'), "model is loading"),
    "busy for long": (error(429, "slow down", BUSY), "busy (429) and asks to wait 600 s"),
    "quota": (error(429, "You exceeded your quota", code="insufficient_quota"), "quota"),
    "billing": (error(402, "Insufficient balance"), "quota"),
    "redirect": (
        Raw(status=307, headers={"Location": "http://evil.example/v1"}),
        "redirects to evil.example",
    ),
    "server error": (error(500, "boom"), "error (500): boom"),
    "gateway": (Raw(b"<h1>Bad gateway</h1>", 502, kind="text/html"), "error (502)"),
    "wrong key": (error(401, "Incorrect API key provided: sk-secret"), "Check OPENAI_API_KEY"),
    "no such model": (error(404, "no model"), "knows no model test-model"),
    "another bad request": (error(400, "context too long"), "context too long"),
    "broken off": (Raw(b'{"choices": [', cut=True), "broke off"),
    "deep nesting": (Raw(b"[" * 100_000), "not with JSON"),
}


def chains_of_two(llm, first):
    """Two rows; the server does ``first`` to whatever is asked about the first one."""

    def answer(call):
        return first if "Faster checkout" in json.dumps(call) else CHAIN

    llm.say(answer)
    bad, good = model(idea("Faster checkout")), model(idea("Another idea"))
    return bad, good, ask(CHAINS)


@pytest.mark.parametrize("case", FAILURES)
def test_one_row_fails_with_a_sentence_and_the_run_goes_on(llm, kpis, case):
    answer, sentence = FAILURES[case]
    bad, good, run = chains_of_two(llm, answer)
    (status, message), (other, _) = run.told.values()
    assert (status, other) == ("failed", "changed")
    assert sentence in message and "Traceback" not in message and "sk-secret" not in message
    bad.refresh_from_db(), good.refresh_from_db()
    assert (bad.llm_suggested_metric_chain, bad.suggested_by_llm) == ("", False)
    assert good.llm_suggested_metric_chain == "conversion → orders → revenue"
    kept = Suggestion.objects.get(math_model=bad)
    assert (kept.failed, kept.answer) == (message, None)
    assert run.result["failed"] == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("not json at all", "was not JSON"),
        ('{"chain": ["a", "revenue"]}', "reasoning: Field required"),
        ({**CHAIN, "approved": True}, "approved: Extra inputs are not permitted"),
        ({**CHAIN, "chain": "a → revenue"}, "chain: Input should be a valid array"),
        ({**CHAIN, "chain": ["a", "clicks"]}, "must end in one of: revenue, retention"),
        ({**CHAIN, "chain": ["a", "b", "A", "revenue"]}, "comes twice"),
        ({**CHAIN, "chain": ["a, b", "revenue"]}, "one metric"),
        ({**CHAIN, "chain": []}, "empty"),
        ({**CHAIN, "chain": ["x" * 201, "revenue"]}, "at most 200 characters"),
    ],
)
def test_a_bad_answer_is_repaired_once_and_then_told(llm, kpis, answer, sentence):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    _, _, run = chains_of_two(llm, completion(text))
    status, message = next(iter(run.told.values()))
    assert status == "failed" and sentence in message
    again = [call for call in llm.calls if "Faster checkout" in json.dumps(call)]
    assert len(again) == 2
    assert again[1]["messages"][-2]["role"] == "assistant"
    assert sentence in again[1]["messages"][-1]["content"]


def test_a_repaired_answer_counts(llm, kpis):
    made = model(idea())
    llm.say({**CHAIN, "chain": ["clicks"]}, CHAIN)
    assert next(iter(ask(CHAINS).told.values()))[0] == "changed"
    kept = Suggestion.objects.get(math_model=made)
    assert (kept.tokens_in, kept.tokens_out) == (200, 100)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"formula_text": "value = price ** 2"}, "Formula: Line 1:"),
        ({"formula_text": "extra = a * b"}, "value"),
        ({"formula_text": "value = __import__('os')"}, "Formula: Line 1:"),
        (
            {"target_kpi": "clicks"},
            "“clicks” is not active; choose one of: revenue, retention.",
        ),
        ({"metric_chain": ["conversion", "retention"]}, "must end in one of: revenue"),
        ({"formula_text": "x" * 9000}, "at most 8192 characters"),
    ],
)
def test_a_draft_passes_our_own_gate_or_is_told(llm, kpis, changes, sentence):
    made = model(idea())
    llm.say({**DRAFT, **changes}, {**DRAFT, **changes}, VERDICT)
    (told,) = ask(DRAFTING).told.values()
    assert told[0] == "failed" and sentence in told[1]
    made.refresh_from_db()
    assert (made.llm_suggested_formula, made.suggested_by_llm) == ("", False)


def test_a_draft_that_cannot_be_judged_stands_and_says_so(llm, kpis):
    made = model(idea())
    llm.say(DRAFT, error(500, "boom"))
    (told,) = ask(DRAFTING).told.values()
    assert told[0] == "changed" and "Not judged: 127.0.0.1 answered with an error (500): boom" in told[1]
    made.refresh_from_db()
    assert made.llm_suggested_formula == DRAFT["formula_text"]


def test_a_busy_server_is_asked_again_when_it_says_so(llm, kpis):
    model(idea())
    llm.say(error(429, "slow down", {"Retry-After": "0"}), error(503, "", {"Retry-After": "0"}), CHAIN)
    run = ask(CHAINS)
    assert run.result["changed"] == 1 and run.result["calls"] == 3


def test_a_busy_server_is_not_asked_for_ever(llm, kpis):
    model(idea())
    llm.say(error(429, "slow down", {"Retry-After": "0"}))
    (told,) = ask(CHAINS).told.values()
    assert told[0] == "failed" and len(llm.calls) == 3


def test_a_date_in_retry_after_is_understood():
    assert transport._wait({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert transport._wait({"retry-after": "soon"}) == transport.WAIT
    assert transport._wait({"retry-after": "7"}) == 7


@pytest.mark.parametrize("answer", [Raw(hang=True), Raw(completion(CHAIN).body, drip=0.05)])
def test_a_server_that_hangs_or_drips_costs_one_row_only_its_time(llm, kpis, settings, answer):
    settings.LLM_CALL_SECONDS = 0.4
    _, _, run = chains_of_two(llm, answer)
    (status, message), (other, _) = run.told.values()
    assert (status, other) == ("failed", "changed")
    assert "within 0.4 s" in message
    # Nobody knows what it cost, so all that was set aside counts.
    assert TokenDay.today().used > 3_000 and TokenDay.today().reserved == 0


def test_an_endless_answer_is_not_read_to_its_end(llm, kpis, monkeypatch):
    monkeypatch.setattr(transport, "LARGEST", 10_000)
    _, _, run = chains_of_two(llm, Raw(b" " * 20_000))
    assert "answered with more than" in next(iter(run.told.values()))[1]


def test_nobody_there(kpis, settings):
    settings.OPENAI_API_KEY, settings.LLM_BASE_URL = "k", "http://127.0.0.1:9/v1"
    model(idea())
    (told,) = ask(CHAINS).told.values()
    assert told == ("failed", "127.0.0.1 can't be reached. Check LLM_BASE_URL.")


def test_when_the_server_is_down_the_rest_is_not_asked_about(llm, kpis):
    for number in range(5):
        model(idea(f"Idea {number}"))
    llm.say(error(500, "boom"))
    run = ask(CHAINS)
    assert (run.result["failed"], run.result["skipped"], len(llm.calls)) == (3, 2, 3)
    assert "Not asked: 3 rows in a row failed" in list(run.told.values())[-1][1]


def test_a_server_without_schemas_is_asked_in_words(llm, kpis):
    model(idea("One")), model(idea("Two"))

    def answer(call):
        if "response_format" in call:
            return error(400, "response_format: json_schema is not supported")
        return completion(f"```json\n{json.dumps(CHAIN)}\n```")

    llm.say(answer)
    run = ask(CHAINS)
    assert run.result["changed"] == 2
    assert ["response_format" in call for call in llm.calls] == [True, False, False]
    assert '"reasoning"' in llm.calls[1]["messages"][-1]["content"]


def test_a_schema_is_sent_and_the_key_goes_to_the_server_only(llm, kpis):
    model(idea())
    llm.say(CHAIN)
    ask(CHAINS)
    (call,) = llm.calls
    assert call["response_format"]["json_schema"]["strict"] is True
    assert call["max_completion_tokens"] == 3000 and call["model"] == "test-model"
    assert llm.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in json.dumps(call)


def test_a_proxy_in_the_environment_is_not_asked(llm, kpis, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    model(idea())
    llm.say(CHAIN)
    assert ask(CHAINS).result["changed"] == 1


def test_nul_characters_and_lone_surrogates_are_dropped(llm, kpis):
    made = model(idea())
    llm.say(completion('{"chain": ["conversion\\u0000", "revenue"], "reasoning": "a\\u0000b"}'))
    assert ask(CHAINS).result["changed"] == 1
    made.refresh_from_db()
    assert made.llm_suggested_metric_chain == "conversion → revenue"
