import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portfolio.actions.runner import run_inline
from portfolio.tabs.actor import Actor
from portfolio.tabs.models import CellChange
from scoring import actions
from scoring.models import Param, ScoringInputs
from tests.factories import actor, initiative, put
from tests.scoring.conftest import model, modelled
from tests.scoring.test_score import RICE, WSJF, contributed, rated

pytestmark = pytest.mark.django_db(transaction=True)


def command(*words):
    """The exit code and the JSON document of a command."""
    out = StringIO()
    try:
        call_command(*words, "--json", stdout=out, stderr=StringIO())
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    except CommandError as error:
        return error.returncode, str(error)
    return code, json.loads(out.getvalue())


def test_score_scores_all_and_tells_each_row():
    row, empty = rated(**RICE), initiative()
    code, told = command("score", "--all")
    assert (code, told["rows"], told["changed"], told["skipped"], told["failed"]) == (0, 2, 1, 1, 0)
    assert {one["key"]: one["status"] for one in told["row_results"]} == {
        row.initiative_key: "changed",
        empty.initiative_key: "skipped",
    }
    assert ScoringInputs.objects.get(initiative=row).rice_rank == 1


def test_missing_inputs_are_warnings_not_failures():
    row = rated(rice_reach=1)
    code, told = command("score", row.initiative_key.lower())
    assert code == 0 and "missing: impact" in told["row_results"][0]["message"]


def test_an_unknown_key_fails_its_row_and_the_others_are_scored():
    row = rated(**RICE)
    code, told = command("score", row.initiative_key, "INIT-999999")
    assert (code, told["changed"], told["failed"]) == (1, 1, 1)
    messages = {one["key"]: one["message"] for one in told["row_results"]}
    assert messages["INIT-999999"] == "There is no initiative INIT-999999."


@pytest.mark.parametrize(
    "words",
    [("score", "INIT-999999"), ("score", "--all", "X"), ("activate", "ICE"), ("activate", "nope", "X")],
)
def test_what_makes_no_sense_is_bad_input(words):
    rated(**RICE)
    assert command(*words)[0] == 2


def test_activate_makes_a_frameworks_scores_the_active_ones_as_a_change_of_the_person():
    row = rated(**RICE, **WSJF)
    command("score")
    assert command("activate", "wsjf", row.initiative_key)[0] == 0
    inputs = ScoringInputs.objects.get()
    assert (inputs.active_scoring_framework, inputs.overall_score) == ("WSJF", 8)
    kept = CellChange.objects.get(column="active_scoring_framework")
    assert (kept.batch.who, kept.new, kept.derived) == ("command line", "WSJF", False)
    assert command("activate", "WSJF")[1]["changed"] == 0


def test_auto_takes_the_math_model_where_it_scored_and_else_keeps_the_choice(revenue):
    math = modelled("value = a\neffort = 2", a=10)
    rice = rated(**RICE, active_scoring_framework="RICE")
    off = modelled("value = a\neffort = 2", a=10)
    command("score")
    put("scoring_inputs", off, use_math_model=False, active_scoring_framework="RICE")
    code, told = command("activate", "auto")
    assert (code, told["changed"]) == (0, 1)
    chosen = dict(ScoringInputs.objects.values_list("initiative", "active_scoring_framework"))
    assert chosen == {math.pk: "MATH_MODEL", rice.pk: "RICE", off.pk: "RICE"}
    assert ScoringInputs.objects.get(initiative=math).overall_score == 5


def test_contributions_can_be_derived_on_their_own(revenue):
    row = modelled("value = a", a=10)
    command("score")
    put("math_models", row.math_models.get(), formula_approved=False)
    code, told = command("derive_contributions")
    assert (code, told["changed"], contributed(row)) == (0, 1, None)


def test_seed_params_names_and_then_makes_what_is_missing():
    row = initiative()
    model(row, "value = a + b")
    gone = Param.objects.get(param_name="b")
    from portfolio.tabs import registry
    from portfolio.tabs.changes import DeleteRow, Surface
    from portfolio.tabs.gate import apply_changes

    apply_changes(registry.tab("params"), actor(), Surface.GRID, [DeleteRow(gone.pk)])
    code, told = command("seed_params", "--preview")
    assert (code, told["row_results"][0]["message"]) == (0, "Would seed: b.")
    assert Param.objects.count() == 1
    assert command("seed_params")[1]["row_results"][0]["message"] == "Seeded: b."
    again = Param.objects.get(param_name="b")
    assert again.is_auto_seeded and again.updated_by == "command line"
    assert command("seed_params")[1]["rows"] == 0


def test_only_those_who_may_ask_for_scoring(person):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied, match="Score initiatives"):
        run_inline(Actor.of(person("Finance")), "pm.score_selected")
    run = run_inline(Actor.of(person("PM")), "pm.score_selected")
    assert run.status == "succeeded"


def test_a_second_attempt_skips_what_the_first_has_settled(monkeypatch):
    from scoring import scope

    rows = [rated(**RICE) for _ in range(3)]
    monkeypatch.setattr(scope, "CHUNK", 1)

    class Settled:
        keys = None

        def settled_keys(self):
            return {rows[0].initiative_key}

        check = progress = row = lambda *_: None

    assert [list(chunk) for chunk in scope.chunks(Settled(), "scored")] == [[rows[1].pk], [rows[2].pk]]
    assert actions.framework_of("rice") == "RICE"


@pytest.mark.parametrize("role, offered", [("PM", True), ("Finance", False)])
def test_the_tab_pages_offer_scoring_to_those_who_may(client, person, role, offered):
    client.force_login(person(role))
    for tab in ("scoring_inputs", "math_models", "params", "kpi_contributions"):
        assert ("Score all" in client.get(f"/tabs/{tab}/").content.decode()) is offered
