"""The page that says how likely one initiative beats another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scoring.beats.comparison import Comparison
from scoring.beats.sides import side
from scoring.models import Param, Score
from tests.factories import initiative, person, put, strategic
from tests.scoring.conftest import modelled, scored

ROLES = ("Viewer", "PM", "Analytics", "Finance", "Engineering", "Admin")


def rough(name: str, low: float, high: float, days: float | None = 1, target: str = "revenue") -> Any:
    """Worth a uniform number, scored on its own."""
    row = modelled(f"value = {name}", target, days=days, **{name: (low + high) / 2})
    param = Param.objects.get(initiative=row)
    assert put("params", param, min=low, max=high, distribution="uniform", approved=True).ok
    scored(row)
    return row


def compared(a: Any, b: Any) -> Comparison:
    return Comparison(side(a.initiative_key), side(b.initiative_key))


def page(client: Client, **asked: str) -> str:
    client.force_login(person("Viewer"))
    answer = client.get(reverse("beats"), asked)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_chance_is_that_of_two_uniforms(revenue: Any) -> None:
    overall, value = compared(rough("a", 0, 10), rough("b", 4, 12)).measures
    for measure in (overall, value):
        assert measure.chance.share == pytest.approx(18 / 80, abs=4 * measure.chance.sampling_error)
    assert (overall.name, value.name) == ("overall", "value")


def test_effort_turns_the_value_around(revenue: Any) -> None:
    overall, value = compared(rough("a", 10, 11, days=100), rough("b", 4, 5, days=1)).measures
    assert (overall.chance.share, value.chance.share) == (0, 1)
    assert "beats INIT-000001 by overall in every draw" not in value.headline
    assert overall.headline == "INIT-000002 beats INIT-000001 by overall in every draw."


def test_a_shared_assumption_is_named_and_drawn_alike(revenue: Any) -> None:
    same = compared(rough("sessions", 1, 100), rough("sessions", 1, 100))
    assert same.shared == [("sessions", True)]
    assert same.measures[0].headline == "INIT-000001 and INIT-000002 have the same overall in every draw."
    other = compared(rough("sessions", 1, 50), rough("sessions", 2, 51))
    assert other.shared == [("sessions", False)] and other.measures[0].chance.share == 0


def test_it_draws_what_was_stored_whatever_was_entered_since(revenue: Any, client: Client) -> None:
    a, b = rough("a", 0, 10), rough("b", 4, 12)
    before = compared(a, b).measures[0].chance
    put("params", Param.objects.get(param_name="a"), min=0, max=99, approved=True)
    assert compared(a, b).measures[0].chance == before
    assert "changed since it was scored" in page(client, a=a.initiative_key, b=b.initiative_key)


def test_the_page_says_it_in_words_numbers_and_a_picture(revenue: Any, client: Client) -> None:
    a, b = rough("a", 0, 10), rough("b", 4, 12)
    shown = page(client, a=a.initiative_key.lower(), b=f" {b.initiative_key} Faster checkout")
    assert re.search(
        r"INIT-000001 beats INIT-000002 by overall with a chance of 2[23]\.\d% \(± 0\.4 points\)", shown
    )
    assert shown.count("<svg viewBox") == 2 and "A − B, draw by draw" in shown
    assert "10000 draws, seed 0" in shown and "they vary independently" in shown


def test_a_certain_side_is_compared_with_the_draws_of_the_other(revenue: Any) -> None:
    sure = modelled("value = 5 * 1", days=1)
    scored(sure)
    found = compared(sure, rough("b", 0, 20))
    assert found.measures[0].chance.share == pytest.approx(0.25, abs=0.001)
    assert "INIT-000001 is certain" in found.notes[0]


def test_two_certain_sides_need_no_draws(revenue: Any, client: Client) -> None:
    rows = [modelled(f"value = {number} * 1", days=1) for number in (5, 3)]
    scored(*rows)
    shown = page(client, a="INIT-000001", b="INIT-000002")
    assert "Both are certain" in shown and "INIT-000001 beats INIT-000002" in shown
    assert "<svg viewBox" not in shown


def test_without_an_overall_values_are_compared(revenue: Any) -> None:
    found = compared(rough("a", 0, 10, days=None), rough("b", 4, 12))
    assert [measure.name for measure in found.measures] == ["value"]
    assert any("INIT-000001 has no overall score" in note for note in found.notes)


def test_values_in_two_kpis_carry_a_warning(revenue: Any) -> None:
    strategic("retention")
    found = compared(rough("a", 0, 10), rough("b", 4, 12, target="retention"))
    assert any("revenue and retention" in note for note in found.notes)


def test_draws_that_can_not_be_computed_are_left_out(revenue: Any) -> None:
    row = rough("a", 0, 10)
    broken = modelled("value = sqrt(b)", days=1, b=4)
    put("params", Param.objects.get(param_name="b"), min=-4, max=12, distribution="uniform", approved=True)
    scored(broken)
    assert compared(row, broken).measures[0].left_out == 2_500


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Two initiatives make a comparison"),
        ({"a": "INIT-000001"}, "Two initiatives make a comparison"),
        ({"a": "INIT-000001", "b": "INIT-000009"}, "There is no initiative INIT-000009"),
        ({"a": "INIT-000001", "b": "INIT-000001"}, "INIT-000001 against itself says nothing"),
        ({"a": "INIT-000001", "b": "INIT-000002"}, "INIT-000002 has no math score"),
        ({"a": "<b>", "b": "INIT-000001"}, "There is no initiative &lt;B&gt;"),
    ],
)
def test_what_can_not_be_compared_is_said(
    revenue: Any, client: Client, asked: dict[str, str], said: str
) -> None:
    rough("a", 0, 10)
    initiative()
    assert said in page(client, **asked)


def test_a_score_that_misses_something_says_what(revenue: Any, client: Client) -> None:
    rough("a", 0, 10)
    scored(modelled("value = b"))
    assert "no value: b" in page(client, a="INIT-000001", b="INIT-000002")


def test_samples_that_can_not_be_drawn_any_more_are_no_error(revenue: Any, client: Client) -> None:
    rough("a", 0, 10)
    rough("b", 0, 10)
    newest = Score.objects.first()
    newest.uncertainty["samples"]["formula"] = "value = a ** 2"
    Score.objects.filter(pk=newest.pk).update(uncertainty=newest.uncertainty)
    assert "can&#x27;t be drawn again" in page(client, a="INIT-000001", b="INIT-000002")


@pytest.mark.parametrize("role", ROLES)
def test_everybody_who_is_signed_in_may_compare(db: Any, client: Client, role: str) -> None:
    client.force_login(person(role))
    assert client.get(reverse("beats")).status_code == 200
    offered = client.get("/tabs/scoring_inputs/").content.decode()
    assert "/scoring/compare/?a={}" in offered


def test_nobody_else_may(db: Any, client: Client) -> None:
    answer = client.get(reverse("beats"))
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")
