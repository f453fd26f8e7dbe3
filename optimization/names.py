"""Initiatives by their key, as pages call them: the title, leading to the row behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from initiatives.models import Initiative
from optimization.problem import fold

WORD = re.compile(r"([\w-]+)")


@dataclass(frozen=True)
class Named:
    """What a link to an initiative needs."""

    pk: int
    initiative_key: str
    title: str

    @property
    def url(self) -> str:
        return reverse("tab-row", args=["backlog", self.pk])


class Names:
    """Every initiative by its key, read from the database at the first question."""

    def get(self, key: str) -> Named | None:
        return self._known.get(fold(key))

    def title(self, key: str) -> str:
        """The title; the key where there is none."""
        known = self.get(key)
        return (known.title if known else "") or key

    def link(self, key: str) -> SafeString:
        """The title as a link that opens the row in the drawer."""
        known = self.get(key)
        if known is None:
            return escape(key)
        return format_html(
            '<a href="{0}" hx-get="{0}" hx-target="#drawer-content" title="{1}">{2}</a>',
            known.url,
            known.initiative_key,
            self.title(key),
        )

    def told(self, text: str) -> SafeString:
        """A sentence with every key in it replaced by the initiative's link."""
        parts = WORD.split(text)
        return mark_safe("".join(self._part(part) for part in parts))  # noqa: S308 - each part is escaped

    def plain(self, text: str) -> str:
        """The same without links, for a chart or a placeholder."""
        return "".join(self.title(part) if self.get(part) else part for part in WORD.split(text))

    def _part(self, part: str) -> str:
        return self.link(part) if self.get(part) else escape(part)

    @cached_property
    def _known(self) -> dict[str, Named]:
        rows = Initiative.all_objects.values_list("pk", "initiative_key", "title")
        return {fold(row[1]): Named(*row) for row in rows if row[1]}
