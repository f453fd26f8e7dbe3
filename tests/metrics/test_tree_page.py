"""The KPI tree as the server sends it: by role, in every state, and declaring what chains name."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from initiatives.models import Initiative
from metrics.graph import Node
from metrics.models import Contributions, Metric
from metrics.tree_chart import _lines
from metrics.undeclared import similar
from portfolio.tabs.models import Batch
from tests.factories import create, initiative, north_star, put, strategic

pytestmark = pytest.mark.django_db


@pytest.fixture
def pm(client: Client, person: Any) -> Client:
    client.force_login(person("PM", username="ana"))
    return client


@pytest.fixture
def viewer(person: Any) -> Client:
    client = Client()
    client.force_login(person("Viewer", username="vera"))
    return client


def model(row: Initiative, chain: str, target: str = "revenue", **values: Any) -> Any:
    values.setdefault("model_name", "main")
    return create(
        "math_models", initiative_key=row.initiative_key, metric_chain_text=chain, target_kpi=target, **values
    )


def brings(row: Initiative, **amounts: float) -> None:
    outcome = put(
        "kpi_contributions", row, **{f"contribution_override:{key}": value for key, value in amounts.items()}
    )
    assert outcome.ok, outcome.refused


@pytest.fixture
def world() -> list[Initiative]:
    north_star("revenue", kpi_name="Revenue", unit="EUR")
    strategic("nps", unit="points")
    create("metrics_config", kpi_key="activation_rate", kpi_level="operational")
    rows = [initiative(title) for title in ("Checkout", "Onboarding", "Refunds")]
    model(rows[0], "visits > activation_rate > revenue")
    model(rows[1], "activation_rate > revenue")
    model(rows[2], "nps", "nps")
    brings(rows[0], revenue=300)
    brings(rows[1], revenue=100, nps=4)
    return rows


def picture(page: str) -> ElementTree.Element:
    """The page's only chart, which must be well-formed."""
    [found] = re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)
    return ElementTree.fromstring(found)


def cards(page: str) -> list[str]:
    return [each.get("aria-label", "") for each in picture(page).iter("a")]


def kpis(page: str) -> list[str]:
    return [card.split(" (")[0] for card in cards(page) if "(" in card]


# States -------------------------------------------------------------------------------------------------


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get("/kpis/").url.startswith("/login/")  # type: ignore[attr-defined]


def test_an_empty_organisation_hears_what_to_do_first(pm: Client, viewer: Client) -> None:
    assert "No KPIs yet" in pm.get("/kpis/").text
    assert "Open Metrics Config</a>" in pm.get("/kpis/").text
    assert "Open Metrics Config</a>" not in viewer.get("/kpis/").text


def test_kpis_without_a_chain_stand_alone_with_the_way_to_write_one(pm: Client) -> None:
    north_star("revenue")
    create("metrics_config", kpi_key="idle", kpi_level="operational", is_active=False)
    page = pm.get("/kpis/").text
    assert "No model has a metric chain yet" in page
    assert len(cards(page)) == 1
    assert "idle (inactive)" in page


def test_the_picture_says_what_flows_and_leads_to_every_kpi_and_initiative(pm: Client, world: Any) -> None:
    page = pm.get("/kpis/").text
    assert cards(page) == [
        "Revenue (north star). 400 EUR. 0 initiatives here, 2 initiatives in all.",
        "nps (strategic). 4 points. 2 initiatives here, 2 initiatives in all.",
        "Onboarding",
        "Refunds",
        "activation_rate (operational). 1 initiative here, 2 initiatives in all.",
        "Onboarding",
        "visits (not in Metrics Config). 1 initiative here, 1 initiative in all.",
        "Checkout",
    ]
    titles = [title.text for title in picture(page).iter("title")]
    assert "activation_rate → Revenue: 2 models of 2 initiatives. 400 EUR, 100% of Revenue." in titles
    assert "visits → activation_rate: 1 model of 1 initiative. 300 EUR, 75% of Revenue." in titles
    assert "300 EUR, 75% of Revenue</td>" in page  # the table under it
    assert 'aria-current="page"' in page and " style=" not in page


def test_thicker_lines_carry_more(pm: Client, world: Any) -> None:
    widths = [float(each.get("stroke-width", 0)) for each in picture(pm.get("/kpis/").text).iter("path")]
    assert sorted(widths) == [8.56, 11, 11]  # three quarters, and a whole that passes the strategic row


def test_looking_at_a_kpi_lights_its_ways_and_lists_its_initiatives(pm: Client, world: Any) -> None:
    Contributions.objects.filter(initiative=world[0]).update(
        computed={"revenue": 300}, spread={"revenue": {"p10": 200, "p50": 290, "p90": 410}}
    )
    put("kpi_contributions", world[0], **{"contribution_override:revenue": None})
    answer = pm.get("/kpis/?kpi=VISITS")
    page, focus = answer.text, answer.context["focus"]
    assert page.count("kpi-edge--lit") == 3
    assert [(part.initiative.title, part.said, part.spread) for part in focus.parts] == [
        ("Checkout", "300 EUR", "200 to 410")
    ]
    assert focus.ways == ["visits → activation_rate → Revenue"]
    assert "P10 to P90" in page


def test_an_override_has_no_spread(pm: Client, world: Any) -> None:
    Contributions.objects.filter(initiative=world[0]).update(
        spread={"revenue": {"p10": 200, "p50": 290, "p90": 410}}
    )
    assert "P10 to P90" not in pm.get("/kpis/?kpi=visits").text


def test_a_target_lists_who_contributes_without_a_chain_too(pm: Client, world: Any) -> None:
    parts = pm.get("/kpis/?kpi=nps").context["focus"].parts
    assert [(part.initiative.title, part.said, len(part.models)) for part in parts] == [
        ("Onboarding", "4 points", 0),
        ("Refunds", "–", 1),
    ]


def test_a_target_narrows_the_picture_and_gives_each_metric_its_part(pm: Client, world: Any) -> None:
    page = pm.get("/kpis/?target=revenue").text
    assert kpis(page) == [
        "Revenue",
        "activation_rate",
        "visits",
    ]
    assert "75% of the target" in page
    assert [card for card in cards(pm.get("/kpis/?target=nps").text) if "nps" in card]


def test_a_period_keeps_its_initiatives_only(pm: Client, world: Any) -> None:
    put("backlog", world[1], candidate_period_key="2026-Q2")
    assert [card for card in cards(pm.get("/kpis/?period=2026-Q2").text) if "Revenue" in card] == [
        "Revenue (north star). 100 EUR. 0 initiatives here, 1 initiative in all."
    ]
    assert "Onboarding" not in cards(pm.get("/kpis/?period=none").text)


@pytest.mark.parametrize("status", ["rejected", "archived"])
def test_initiatives_that_will_bring_nothing_are_left_out(pm: Client, world: Any, status: str) -> None:
    put("backlog", world[0], lifecycle_status=status)
    page = pm.get("/kpis/").text
    assert "visits" not in page and "Revenue (north star). 100 EUR" in page


def test_what_is_not_there_is_said_and_nothing_breaks(pm: Client, world: Any) -> None:
    assert "There is no KPI “nope” here" in pm.get("/kpis/?kpi=nope&target=none&period=x&page=9").text
    assert "There is no KPI “{}” here" in pm.get("/kpis/?kpi={}&initiative=%F0%9F%A6%86").text


def test_an_inactive_kpi_on_a_chain_is_drawn_as_such(pm: Client, world: Any) -> None:
    put("metrics_config", Metric.objects.get(kpi_key="activation_rate"), is_active=False)
    assert any("activation_rate (operational, inactive)" in card for card in cards(pm.get("/kpis/").text))


def test_a_circle_is_a_warning_with_its_models_and_is_drawn(pm: Client, world: Any) -> None:
    model(world[2], "activation_rate > visits > revenue", model_name="Backwards")
    page = pm.get("/kpis/").text
    assert "activation_rate → visits → activation_rate runs in a circle." in page
    assert "Backwards</a>" in page and "main</a>" in page
    [both_ways] = [line for line in picture(page).iter("g") if len(line.findall("polygon")) == 2]
    assert "visits → activation_rate" in (both_ways.findtext("title") or "")
    assert len(cards(page)) >= 4


def test_many_initiatives_are_counted_with_the_list_below(pm: Client, world: Any) -> None:
    for number in range(45):
        model(initiative(f"Idea {number}"), "activation_rate > revenue")
    page = pm.get("/kpis/").text
    assert "46 initiatives</text>" in page and "Idea 1</a>" in page
    assert "and 26 more" in page
    assert len(pm.get("/kpis/?kpi=activation_rate").context["page"]) == 47


def test_too_many_metrics_are_drawn_around_one_of_them(pm: Client, world: Any) -> None:
    model(initiative("Long"), " > ".join(f"m{at}" for at in range(140)) + " > revenue")
    page = pm.get("/kpis/").text
    assert "Too many metrics for one picture" in page and "<svg viewBox" not in page
    near = pm.get("/kpis/?kpi=visits").text
    assert kpis(near) == [
        "Revenue",
        "activation_rate",
        "visits",
    ]


def test_markup_in_names_stays_text(pm: Client, world: Any) -> None:
    model(initiative("<b>Bold</b>"), "<i>x</i>, revenue")
    page = pm.get("/kpis/").text
    assert "<b>Bold" not in page and "<i" in picture(page).itertext()
    assert "<i>" not in page.split("kpi-tree__sheet")[1].split("</figure>")[0]


# Names that nobody declared ------------------------------------------------------------------------------


def test_ticked_names_become_operational_kpis_in_one_batch_to_undo(pm: Client, world: Any) -> None:
    model(initiative("Search"), "Clicks > VISITS > revenue")
    assert "2 names in chains aren&#x27;t in Metrics Config" in pm.get("/kpis/").text
    answer = pm.post("/kpis/declare/", {"name": ["clicks", "Visits", "never heard of"]}, follow=True)
    assert list(Metric.objects.filter(kpi_level="operational").values_list("kpi_key", flat=True)) == [
        "activation_rate",
        "Clicks",
        "visits",
    ]
    assert "in Metrics Config</h2>" not in answer.text
    batch = answer.context["made"]
    assert batch.who == "ana" and batch.tab == "metrics_config"
    assert pm.post("/kpis/undo/", {"batch": batch.pk}, follow=True).text.count("Taken back.") == 1
    assert Metric.objects.filter(kpi_level="operational").count() == 1
    assert "undone already" in pm.post("/kpis/undo/", {"batch": batch.pk}, follow=True).text


def test_declaring_twice_or_nothing_changes_nothing(pm: Client, world: Any) -> None:
    pm.post("/kpis/declare/", {"name": "visits"})
    before = Batch.objects.count()
    for names in (["visits"], [], ["<script>"]):
        assert "Tick the names" in pm.post("/kpis/declare/", {"name": names}, follow=True).text
    assert Batch.objects.count() == before


def test_a_viewer_reads_the_names_and_may_not_declare_them(viewer: Client, world: Any) -> None:
    page = viewer.get("/kpis/").text
    assert "1 name in chains isn&#x27;t in Metrics Config" in page
    assert "A PM or an Admin can" in page and 'type="checkbox"' not in page
    answer = viewer.post("/kpis/declare/", {"name": "visits"}, follow=True)
    assert "Your role may not add rows on Metrics Config" in answer.text
    assert not Metric.objects.filter(kpi_key="visits").exists()


def test_a_name_too_long_for_a_key_is_refused_and_the_others_are_made(pm: Client, world: Any) -> None:
    model(initiative("Long"), "x" * 120 + " > visits > revenue")
    answer = pm.post("/kpis/declare/", {"name": ["x" * 120, "visits"]}, follow=True)
    assert "toast--error" in answer.text
    assert Metric.objects.filter(kpi_key="visits").exists()


def test_a_misspelt_name_is_offered_its_likely_meaning_and_not_ticked(pm: Client, world: Any) -> None:
    model(initiative("Typo"), "activation-rate > revenue")
    page = re.sub(r"\s+", " ", pm.get("/kpis/").text)
    assert 'Did you mean <span class="mono">activation_rate</span>?' in page
    assert 'value="activation-rate">' in page and 'value="visits" checked>' in page


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Activation Rate", "activation_rate"),
        ("activation_rte", "activation_rate"),
        ("monthly users", "mau"),
        ("revenue_per_user", ""),
        ("rev", ""),
    ],
)
def test_likely_meanings(name: str, meant: str) -> None:
    known = [
        Node("activation_rate", "activation_rate"),
        Node("mau", "Monthly users"),
        Node("revenue", "revenue"),
    ]
    assert similar(name, known) == meant


def test_one_initiative_narrows_the_names_to_its_chains(pm: Client, world: Any) -> None:
    model(initiative("Search"), "clicks > revenue")
    page = pm.get(f"/kpis/?initiative={world[0].initiative_key}").text
    assert "1 name in chains isn&#x27;t" in page and 'value="clicks"' not in page
    answer = pm.post("/kpis/declare/", {"name": "visits", "initiative": world[0].initiative_key}, follow=True)
    assert answer.context["asked"].initiative == world[0].initiative_key


def test_math_models_lead_to_the_tree(pm: Client, world: Any) -> None:
    row = world[0].math_models.get()
    assert f"/kpis/?initiative={world[0].initiative_key}" in pm.get(f"/tabs/math_models/rows/{row.pk}/").text
    assert "/kpis/?initiative={}" in pm.get("/tabs/math_models/").context["bulk_actions"]


def test_addresses_of_the_tree_answer_to_their_own_method_only(pm: Client) -> None:
    assert pm.post("/kpis/").status_code == 405
    assert pm.get("/kpis/declare/").status_code == pm.get("/kpis/undo/").status_code == 405
    assert "no such change" in pm.post("/kpis/undo/", {"batch": "x"}, follow=True).text


# The weighted objective reads the same graph -------------------------------------------------------------


def test_weighting_two_kpis_linked_through_two_models_is_said_to_count_twice(world: Any) -> None:
    from optimization.inputs import question

    model(world[1], "nps > loyalty > x", model_name="Draft", formula_approved=False)
    model(world[2], "loyalty > revenue", model_name="Other")
    put_on = {"objective_mode": "weighted_kpis", "objective_weights": {"nps": 1, "revenue": 1}}
    create("scenario_config", scenario_name="S", period_key="2026-Q2", capacity_total_tokens=10, **put_on)
    texts = [warning["text"] for warning in question("S").compile().warnings]
    assert "nps lies upstream of revenue (nps → loyalty → revenue), so one effect counts twice" in texts


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("GMV", ["GMV"]),
        ("Compartment turnover", ["Compartment", "turnover"]),
        ("Pickup within 24 h", ["Pickup", "within 24 h"]),
        ("Gross merchandise value", ["Gross merchandise", "value"]),
        ("a_name_of_one_word_without_end", ["a_name_of_one_wor", "d_without_end"]),
        ("Parcels per compartment per day and locker", ["Parcels per", "compartment per…"]),
        (" ", [" "]),
    ],
)
def test_a_long_name_takes_two_even_lines(name: str, lines: list[str]) -> None:
    assert _lines(name) == lines
