"""The versions of a formula: what changed from one to the next, who approved which, and going back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import DENIED
from portfolio.textdiff import Line, lines
from scoring.models import MathModel
from scoring.studio.asked import initiative_or_404, model_or_404, number
from scoring.studio.done import Done, after
from scoring.versions import UnknownVersionError, Version, restore, versions

PER_PAGE = 20


@dataclass(frozen=True)
class Told:
    """A version and its lines beside the version before."""

    version: Version
    lines: tuple[Line, ...]


class Past:
    """What the fragment ``studio/_history.html`` shows."""

    def __init__(self, model: MathModel, actor: Actor, page: str | None = None) -> None:
        self.model = model
        self.may_restore = registry.tab("math_models").column("formula_text").may_enter(actor, model)
        self._all = versions(model)
        self.page: Page = Paginator(self._all, PER_PAGE).get_page(page)

    @property
    def current(self) -> int:
        """The number of the formula as it stands; 0 where there never was one."""
        return self._all[0].number if self._all else 0

    @property
    def told(self) -> list[Told]:
        start = self.page.start_index() - 1
        older = [version.text for version in self._all[start + 1 :]] + [""]
        # Of a formula that came after none, every line is new: it is read best as it is.
        return [
            Told(version, lines(older[at] or version.text, version.text))
            for at, version in enumerate(self.page)
        ]


def history(request: HttpRequest, key: str) -> HttpResponse:
    """``/studio/{initiative_key}/history/?model=``; posting ``version`` makes that one the formula again."""
    initiative = initiative_or_404(key)
    model = model_or_404(initiative, request)
    actor = Actor.of(request.user)
    if request.method == "POST":
        return _restore(request, model, actor)
    context = {
        "initiative": initiative,
        "past": Past(model, actor, request.GET.get("page")),
        "done": Done.of(request),
    }
    return render(request, "studio/history.html", context)


def _restore(request: HttpRequest, model: MathModel, actor: Actor) -> HttpResponse:
    key, wanted = model.initiative.initiative_key, number(request.POST.get("version", ""))
    seen = number(request.POST.get("seen", ""))
    try:
        outcome = restore(model, wanted or 0, actor, seen=seen)
    except UnknownVersionError as error:
        messages.error(request, str(error))
        return after("studio-history", key, [], model=model.pk)
    refused = outcome.refused[0] if outcome.refused else None
    if refused and refused.status == DENIED:
        return render(request, "403.html", {"reason": refused.message}, status=403)
    if refused:
        messages.error(request, f"Not restored. {refused.message}")
    elif not outcome.touched:
        messages.info(request, f"Version {wanted} is what the formula says already.")
    else:
        messages.success(request, f"Version {wanted} is the formula again. It counts once you approve it.")
    return after("studio-history", key, [outcome.batch_id] if outcome.touched else [], model=model.pk)
