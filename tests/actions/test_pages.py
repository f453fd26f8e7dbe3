"""Actions over HTTP and in the browser."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from portfolio.actions import health
from portfolio.actions.models import ActionRun, Pulse
from portfolio.actions.runner import enqueue
from portfolio.tabs.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(person, client, queue):
    user = person("PM", username="ada")
    client.force_login(user)
    return user


@pytest.fixture
def ask(client):
    def post(**asked):
        return client.post("/api/v1/actions/", json.dumps(asked), content_type="application/json")

    return post


def run_of(user, action="test.greet", **values) -> ActionRun:
    return ActionRun.objects.enqueue(
        Actor.of(user), action, scope={"type": "keys", "keys": ["INIT-000001"]}, **values
    )


# The API ----------------------------------------------------------------------------------------------


def test_asking_answers_with_an_id_to_follow(ada, ask, client):
    answer = ask(action="test.greet", scope={"type": "keys", "keys": ["INIT-000001"]}, options={"note": "x"})
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    run = client.get(f"/api/v1/actions/{answer.json()['action_id']}/").json()
    assert run["action"] == "test.greet"
    assert run["actor"] == "ada"
    assert run["scope"] == {"type": "keys", "keys": ["INIT-000001"]}
    assert run["options"] == {"note": "x"}
    assert run["progress"] == {"done": 0, "total": 0, "text": ""}
    assert run["rows"] == []


def test_the_same_key_is_the_same_run(ada, ask):
    first, second = (ask(action="test.greet", idempotency_key="k").json() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"action": "test.great"}, "There is no action 'test.great'. There is: test.greet"),
        ({"action": "test.greet", "scope": {"type": "keys"}}, "The scope must be"),
        ({"action": "test.greet", "options": [1]}, "The options must be an object"),
    ],
)
def test_a_bad_request_names_what_would_be_right(ada, ask, asked, sentence):
    answer = ask(**asked)
    assert answer.status_code == 400
    assert sentence in str(answer.json()["detail"])


def test_a_missing_action_is_a_bad_request(ada, ask):
    assert ask(scope={"type": "all"}).status_code == 400


def test_roles_are_checked_on_the_server(client, person, ask):
    client.force_login(person("Viewer"))
    answer = ask(action="test.greet")
    assert answer.status_code == 403
    assert "PM and Admin" in answer.json()["detail"]
    assert not ActionRun.objects.exists()


def test_strangers_are_refused(client, ask):
    assert ask(action="test.greet").status_code in (401, 403)


@pytest.mark.parametrize(("roles", "status"), [((), 200), (("Admin",), 200), (("PM",), 403)])
def test_cancelling_is_for_who_asked_and_for_admins(client, person, roles, status):
    asker = person("PM")
    run = run_of(asker)
    client.force_login(person(*roles) if roles else asker)
    assert client.post(f"/api/v1/actions/{run.action_id}/cancel/").status_code == status
    run.refresh_from_db()
    assert run.status == ("cancelled" if status == 200 else "queued")


def test_cancelling_what_has_ended_changes_nothing(ada, client):
    run = run_of(ada)
    ActionRun.objects.update(status="succeeded")
    answer = client.post(f"/api/v1/actions/{run.action_id}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


# The pages --------------------------------------------------------------------------------------------


def test_the_list_shows_the_newest_first_and_filters_by_status(ada, client):
    run_of(ada), run_of(ada, "test.wait").cancel("ada")
    page = client.get("/actions/").content.decode()
    assert page.index("Test.Wait") < page.index("Test.Greet")
    cancelled = client.get("/actions/?status=cancelled").content.decode()
    assert "Test.Wait" in cancelled and "Test.Greet" not in cancelled
    assert "No failed actions" in client.get("/actions/?status=failed").content.decode()


def test_an_empty_ledger_says_what_will_appear(ada, client):
    assert "Nothing has run yet" in client.get("/actions/").content.decode()


def test_a_run_shows_inputs_rows_result_and_error(ada, client):
    run = run_of(ada, options={"scenario": "Baseline"})
    run.note_rows([("INIT-000001", "failed", "reach is missing")])
    ActionRun.objects.update(
        status="failed", result={"rows": 1, "failed": 1}, error="It went wrong.", finished=timezone.now()
    )
    page = client.get(run.get_absolute_url()).content.decode()
    for shown in ("INIT-000001", "Baseline", "reach is missing", "It went wrong.", "ada"):
        assert shown in page


@pytest.mark.parametrize("target", ["run", "elsewhere"])
def test_polling_stops_when_the_run_has_ended(ada, client, target):
    run = run_of(ada)
    poll = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": target}
    assert "hx-trigger" in client.get(run.get_absolute_url(), **poll).content.decode()
    run.cancel("ada")
    last = client.get(run.get_absolute_url(), **poll)
    assert "hx-trigger" not in last.content.decode()
    assert json.loads(last.headers["HX-Trigger"]) == {
        "actionFinished": {"action": "test.greet", "status": "cancelled"}
    }


def test_the_start_form_starts_a_run_and_a_fragment_shows_its_progress(ada, client):
    form = {"action": "test.greet", "key": ["a", "b"], "options": '{"n": 1}', "idempotency_key": "k"}
    assert client.post("/actions/", form).headers["Location"].startswith("/actions/")
    fragment = client.post("/actions/", form, HTTP_HX_REQUEST="true").content.decode()
    assert "run-progress" in fragment and "<html" not in fragment
    run = ActionRun.objects.get()
    assert (run.keys, run.options) == (["a", "b"], {"n": 1})


def test_a_start_button_is_only_for_those_who_may(ada, person, rf):
    from django.template import Context, Template

    def button(user) -> str:
        request = rf.get("/")
        request.user = user
        template = Template('{% load actions %}{% start_button "test.greet" "Greet" "a" scenario="B" %}')
        return template.render(Context({"request": request, "csrf_token": "t"}))

    assert "Greet" in button(ada) and "&quot;scenario&quot;: &quot;B&quot;" in button(ada)
    assert button(person("Viewer")).strip() == ""


# Health -----------------------------------------------------------------------------------------------


def test_health_needs_no_login(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readiness_names_what_is_missing(client):
    Pulse.beat("sweeper")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready", "database": True, "broker": True, "worker": False, "sweeper": True,
    }  # fmt: skip
    Pulse.beat("worker")
    assert client.get("/readyz").status_code == 200


def test_without_a_database_the_worker_is_not_even_looked_for(client, monkeypatch):
    monkeypatch.setattr(health, "_database_answers", lambda: False)
    assert client.get("/readyz").json()["worker"] is False


# A person's view --------------------------------------------------------------------------------------


@pytest.mark.browser
def test_progress_moves_and_only_the_asker_sees_cancel(live_worker, person, sign_in):
    ada = person("PM", username="ada")
    page = sign_in(ada)

    others = enqueue(Actor.of(person("PM")), "test.wait")
    page.goto(others.get_absolute_url())
    page.get_by_text("1 of 10 · waiting").wait_for()
    assert page.get_by_role("button", name="Cancel").count() == 0

    hers = enqueue(Actor.of(ada), "test.wait")
    page.goto(hers.get_absolute_url())
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled by ada.").wait_for()
    assert page.locator("[hx-trigger]").count() == 0


def test_a_job_nobody_takes_says_that_no_worker_may_be_running(client, person):
    ada = person("PM")
    client.force_login(ada)
    run = enqueue(Actor.of(ada), "test.greet")
    assert "Waiting for a worker" in client.get(run.get_absolute_url()).text
    ActionRun.objects.filter(pk=run.pk).update(created=timezone.now() - timedelta(seconds=11))
    assert "none is running" in client.get(run.get_absolute_url()).text
