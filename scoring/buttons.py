"""The scoring jobs on the pages of the tabs they belong to: for all rows, and for the ticked ones."""

from __future__ import annotations

from django.http import HttpRequest

from portfolio import navigation
from portfolio.actions.registry import actions
from portfolio.navigation import Link
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab
from portfolio.tabs.toolbar import Button
from scoring.actions import AUTO
from scoring.models import Framework

KEY = "initiative_key"
COMPARE = Link("Compare two", "/scoring/compare/", "rows")
SCORE = "pm.score_selected"
SWITCH = "pm.switch_framework"
SCORE_ALL = Button("Score all", action=SCORE, icon="play")
SCORE_TICKED = Button("Score", action=SCORE, keys_from=KEY)

BUTTONS = {
    "scoring_inputs": [
        SCORE_ALL,
        SCORE_TICKED,
        Button("Compare", href=f"{COMPARE.url}?a={{}}&b={{}}", keys_from=KEY),
        *(
            Button(f"Activate {name}", action=SWITCH, keys_from=KEY, options={"framework": name})
            for name in (*Framework.values, AUTO)
        ),
    ],
    "math_models": [SCORE_ALL, SCORE_TICKED],
    "params": [SCORE_ALL, SCORE_TICKED, Button("Seed params", action="pm.seed_math_params")],
    "kpi_contributions": [SCORE_ALL, SCORE_TICKED],
}


def register() -> None:
    for name in BUTTONS:
        toolbar.register(name, offered)
    navigation.register(COMPARE, "product_ops")


def offered(request: HttpRequest, tab: Tab) -> list[Button]:
    """The tab's links, and the buttons whose action this person may ask for."""
    actor = Actor.of(request.user)
    return [button for button in BUTTONS[tab.name] if button.href or actor.has(*actions[button.action].roles)]
