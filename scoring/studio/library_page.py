"""The library of templates: finding one, reading it, and starting a model from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from initiatives.models import Initiative
from metrics.columns import target_metrics
from metrics.models import Metric
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring import library
from scoring.bringing import NotBroughtError, why_not
from scoring.from_library import currency, use
from scoring.library import Described, Template, UnknownTemplateError
from scoring.models import MathModel
from scoring.studio.asked import initiative_or_404, number
from scoring.studio.done import Done, after


class Shelves:
    """What the fragment ``studio/_library.html`` shows: the templates found, and where one can go."""

    def __init__(self, initiative: Initiative, actor: Actor, search: str = "", model: str = "") -> None:
        self.initiative, self.search, self.asked = initiative, search, number(model)
        self.why_not = why_not(actor)
        self.found = [Shelved(template, self) for template in library.search(search)]

    @cached_property
    def targets(self) -> list[Metric]:
        return target_metrics()

    @cached_property
    def empty(self) -> list[MathModel]:
        """The models that still wait for a formula."""
        return list(waiting(self.initiative))

    @cached_property
    def currency(self) -> str:
        return currency(None)


class Shelved:
    """A template, its units in the organisation's currency."""

    def __init__(self, template: Template, shelves: Shelves) -> None:
        self.template, self._shelves = template, shelves

    @property
    def params(self) -> list[tuple[str, str, Described]]:
        """Each param's name, unit and description."""
        money = self._shelves.currency
        params = self.template.params
        return [(name, self.template.unit_of(name, money), param) for name, param in params.items()]

    @property
    def chain(self) -> str:
        return " → ".join(self.template.chain_to("target KPI"))


def waiting(initiative: Initiative) -> list[MathModel]:
    rows = registry.tab("math_models").queryset().filter(initiative=initiative, formula_text="")
    return list(rows.order_by("pk"))


def library_page(request: HttpRequest, key: str) -> HttpResponse:
    """``/studio/{initiative_key}/library/?q=``; posting ``template`` starts a model from it.

    ``model`` names a model whose formula is still blank; without, a new one is made.
    """
    initiative = initiative_or_404(key)
    actor = Actor.of(request.user)
    if request.method == "POST":
        return _used(request, initiative, actor)
    search, model = request.GET.get("q", "").strip(), request.GET.get("model", "")
    shelves = Shelves(initiative, actor, search, model)
    context = {"initiative": initiative, "shelves": shelves, "done": Done.of(request)}
    return render(request, "studio/library.html", context)


def _used(request: HttpRequest, initiative: Initiative, actor: Actor) -> HttpResponse:
    if reason := why_not(actor):
        return render(request, "403.html", {"reason": reason}, status=403)
    batches: Sequence[object] = ()
    try:
        template = library.template(request.POST.get("template", ""))
        fill = _to_fill(initiative, request.POST.get("model", ""))
        batches = use(template, initiative, actor, _target(request.POST.get("target", "")), fill).batches
    except UnknownTemplateError as error:
        raise Http404(str(error)) from None
    except NotBroughtError as error:
        messages.error(request, str(error))
    return after("studio-library", initiative.initiative_key, batches)


def _to_fill(initiative: Initiative, asked: str) -> MathModel | None:
    if not asked:
        return None
    for model in waiting(initiative):
        if model.pk == number(asked):
            return model
    raise NotBroughtError("Nothing was saved. That model has a formula by now, or was deleted.")


def _target(asked: str) -> Metric | None:
    if not asked:
        return None
    for metric in target_metrics():
        if metric.kpi_key == asked:
            return metric
    raise NotBroughtError(f"Nothing was saved. {asked} is no active north star or strategic KPI.")
