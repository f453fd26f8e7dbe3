"""The JSON document from which a grid is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy

from home.bench import Bench, Case, filling
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.payload import document
from portfolio.tabs.tab import Tab

COLUMNS = 15


def narrow(size: int) -> Callable[[], object]:
    backlog = registry.tab("backlog")
    tracking = len(backlog.columns) - len(backlog.declared)
    declared = [copy(column) for column in backlog.declared[: COLUMNS - tracking]]
    narrowed = type("Narrow", (type(backlog),), {"declared": declared})()
    return lambda: payload(narrowed)


def whole(size: int) -> Callable[[], object]:
    return lambda: payload(registry.tab("backlog"))


def payload(tab: Tab) -> bytes:
    return json.dumps(document(tab, Actor.command_line()), ensure_ascii=False, separators=(",", ":")).encode()


def prepare(size: int) -> None:
    filling.backlog(size)


BENCH = Bench(
    size=10_000,
    prepare=prepare,
    cases={f"{COLUMNS} columns": Case(narrow), "the whole backlog": Case(whole)},
)
