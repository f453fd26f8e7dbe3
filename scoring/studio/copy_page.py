"""Copying a model to other initiatives: what comes along, to which, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from initiatives.models import Initiative
from portfolio.tabs.actor import Actor
from scoring.bringing import NotBroughtError, why_not
from scoring.copying import copy, parcel_of
from scoring.models import MathModel
from scoring.studio.asked import initiative_or_404, model_or_404
from scoring.studio.done import Done, after

#: Initiatives in the list at once; the search finds the others.
LISTED = 500


class CopyForm:
    """What the fragment ``studio/_copy.html`` shows."""

    def __init__(self, model: MathModel, actor: Actor, search: str = "") -> None:
        self.model, self.search = model, search
        self.why_not = why_not(actor)
        self.params = parcel_of(model).params
        found = others(model, search)
        self.count = found.count()
        self.offered = list(found[:LISTED])

    @property
    def left_out(self) -> int:
        return self.count - len(self.offered)


def others(model: MathModel, search: str = "") -> QuerySet[Initiative]:
    """Every other initiative whose key or title has all words of the search."""
    rows = Initiative.objects.exclude(pk=model.initiative_id).order_by("initiative_key")
    for word in search.split():
        rows = rows.filter(Q(initiative_key__icontains=word) | Q(title__icontains=word))
    return rows


def copy_model(request: HttpRequest, key: str) -> HttpResponse:
    """``/studio/{initiative_key}/copy/?model=``; posting ``into`` (keys) copies it there."""
    initiative = initiative_or_404(key)
    model = model_or_404(initiative, request)
    actor = Actor.of(request.user)
    if request.method == "POST":
        return _copied(request, model, actor)
    copying = CopyForm(model, actor, request.GET.get("q", "").strip())
    context = {"initiative": initiative, "copying": copying, "done": Done.of(request)}
    return render(request, "studio/copy.html", context)


def _copied(request: HttpRequest, model: MathModel, actor: Actor) -> HttpResponse:
    if reason := why_not(actor):
        return render(request, "403.html", {"reason": reason}, status=403)
    batches: Sequence[object] = ()
    asked = request.POST.getlist("into")
    into = list(others(model).filter(initiative_key__in=asked[:LISTED]))
    if missing := set(asked) - {initiative.initiative_key for initiative in into}:
        messages.error(request, f"Not copied. There is no other initiative {', '.join(sorted(missing)[:5])}.")
    elif not into:
        messages.error(request, "Choose at least one initiative to copy to.")
    else:
        try:
            batches = copy(model, into, actor).batches
        except NotBroughtError as error:
            messages.error(request, str(error))
    return after("studio-copy", model.initiative.initiative_key, batches, model=model.pk)
