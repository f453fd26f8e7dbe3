"""The way from the tabs of the optimization center to a run."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from optimization.actions import RUN_ALL
from portfolio.actions.registry import actions
from portfolio.tabs import toolbar
from portfolio.tabs.actor import Actor
from portfolio.tabs.tab import Tab
from portfolio.tabs.toolbar import Button

TABS = ("candidates", "scenario_config", "constraints", "targets", "runs")


def register() -> None:
    for name in TABS:
        toolbar.register(name, run_optimization)


def run_optimization(request: HttpRequest, tab: Tab) -> list[Button]:
    if not Actor.of(request.user).has(*actions[RUN_ALL].roles):
        return []
    return [Button("Run optimization", href=reverse("run-new"), icon="play")]
