"""The page of near misses: what each initiative outside the portfolio would take to be chosen."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

from optimization.decision_pages.base import Told
from optimization.problem import fold
from optimization.showing import counted
from portfolio.amounts import amount

ROWS = 50


class NearTold(Told):
    parts = {"misses": "decisions/_misses.html"}

    @cached_property
    def misses(self) -> list[dict[str, Any]]:
        """Nearest first, each with what it would take in words."""
        found = self.answer.get("candidates") or []
        return [miss | {"takes": self._takes(miss)} for miss in found]

    def _takes(self, miss: dict[str, Any]) -> str:
        if miss["how"] == "never":
            return str(miss["text"])
        if miss["cost"] is None:
            at_least = f"at least +{amount(miss['at_least'])} {self.unit}"
            return at_least if miss["at_least"] else "not computed"
        wants = [f"+{amount(miss['cost'])} {self.unit}"] if miss["cost"] else ["hardly anything: it ties"]
        fewer = miss["fewer_tokens"]
        if fewer and fewer["fewer"]:
            tokens = "token" if fewer["fewer"] == 1 else "tokens"
            wants.append(f"{amount(fewer['fewer'])} {tokens} fewer ({amount(fewer['enough'])} in all)")
        return " or ".join(wants)

    @property
    def nearest(self) -> list[dict[str, Any]]:
        return [miss for miss in self.misses if miss["how"] == "forced"][:5]

    @property
    def headline(self) -> str:
        if not self.misses:
            return "Nobody is outside the portfolio."
        first = next(iter(self.nearest), None)
        if first is None:
            return f"{counted(len(self.misses), 'initiative')} are outside; none could be computed exactly."
        return (
            f"Nearest of {amount(len(self.misses))} outside: {first['key']}. It would take {first['takes']}."
        )

    def _called(self, key: str) -> str:
        return f"{key} {self.names.title(key)}"

    @property
    def words(self) -> str:
        return self.query.get("q", "").strip()

    @cached_property
    def listed(self) -> Page[dict[str, Any]]:
        rows = [miss for miss in self.misses if fold(self.words) in fold(self._called(miss["key"]))]
        per_page = max(len(rows), 1) if "all" in self.query else ROWS
        return Paginator(rows, per_page).get_page(self.query.get("page"))
