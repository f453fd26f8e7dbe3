"""The pages of the studio, and what they ask while somebody types."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from initiatives.models import Initiative
from portfolio.tabs.actor import Actor
from portfolio.tabs.models import TabRevision
from scoring.models import MathModel
from scoring.studio import listing, typed
from scoring.studio.asked import initiative_or_404, number
from scoring.studio.drafts import Drafts
from scoring.studio.typed import UnreadableError

PER_PAGE = 50
LARGEST_ASKED = 256 * 1024


def studio_list(request: HttpRequest) -> HttpResponse:
    """``/studio/``: every initiative with its primary model; ``?q=`` searches, ``?state=`` narrows."""
    search, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    page = Paginator(listing.found(search, state), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "listed": listing.listed(list(page)),
        "search": search,
        "state": state if state in listing.State.values else "",
        "states": listing.State.choices,
    }
    return render(request, "studio/list.html", context)


def studio(request: HttpRequest, key: str) -> HttpResponse:
    """``/studio/{initiative_key}/``: an initiative's models; ``?model=`` chooses another than the primary."""
    from scoring.studio.desk import Desk  # numpy comes with it

    asked = request.GET.get("model", "")
    desk = Desk(initiative_or_404(key), Actor.of(request.user), number(asked))
    if asked and desk.is_other_than(number(asked)):
        raise Http404(f"{key} has no such model; it may have been deleted.")
    return render(request, "studio/studio.html", {"desk": desk, "initiative": desk.initiative})


def studio_rows(request: HttpRequest, key: str) -> JsonResponse:
    """What the page's script holds, once more, unless the revisions it names are the newest."""
    from scoring.studio.desk import Desk

    if all(request.GET.get(tab) == str(TabRevision.current(tab)) for tab in ("math_models", "params")):
        return JsonResponse({"unchanged": True})
    desk = Desk(initiative_or_404(key), Actor.of(request.user), number(request.GET.get("model", "")))
    return JsonResponse(desk.documents())


@require_POST
def try_formula(request: HttpRequest, key: str) -> JsonResponse:
    """What a formula gives with the numbers typed, were all of it approved. Saves nothing.

    In: ``{formula, params: {name: {value, min, max, distribution}}, model?}``, cells as typed.
    """
    initiative = initiative_or_404(key)
    try:
        asked = _asked(request)
        text, given = typed.formula_of(asked), typed.params_of(asked)
    except UnreadableError as error:
        return JsonResponse({"detail": str(error)}, status=400)
    model = _model(initiative, asked.get("model"))
    answer = _tried(initiative, model, text, given)
    if model:
        answer["draft"] = _beside_the_draft(model, Actor.of(request.user), text)
    return JsonResponse(answer)


def _tried(initiative: Initiative, model: MathModel | None, text: str, given: typed.Typed) -> dict[str, Any]:
    from scoring.studio.figures import Figures
    from scoring.studio.trying import attempt

    unit = model.target_kpi.unit if model and model.target_kpi else ""
    figures = Figures(
        attempt(text, given.params, initiative.effort_engineering_days, unit), unit, given.labels
    )
    return figures.as_json() | {
        "refused": given.refused,
        "answer": render_to_string("studio/_answer.html", {"figures": figures}),
        "figures": render_to_string("studio/_figures.html", {"figures": figures}),
        "charts": render_to_string("studio/_charts.html", {"figures": figures}),
    }


@require_POST
def new_model(request: HttpRequest, key: str) -> HttpResponse:
    """One more model of the initiative, through the gate."""
    from scoring.studio.desk import Desk

    desk = Desk(initiative_or_404(key), Actor.of(request.user))
    outcome = desk.create_model(request.POST.get("model_name", "").strip() or desk.next_name)
    address = reverse("studio", args=[key])
    if not outcome.ok:
        messages.error(request, " ".join(result.message for result in outcome.refused))
        return redirect(address)
    return redirect(f"{address}?model={outcome.created['new']}")


@require_POST
def make_primary(request: HttpRequest, key: str) -> HttpResponse:
    """The posted ``model`` counts from now on; the one that did gives way."""
    from scoring.studio.desk import Desk

    asked = number(request.POST.get("model", ""))
    desk = Desk(initiative_or_404(key), Actor.of(request.user), asked)
    if asked is None or desk.is_other_than(asked):
        raise Http404(f"{key} has no such model; it may have been deleted.")
    outcome = desk.make_primary(asked)
    if outcome.ok:
        messages.success(request, " ".join(["It is the primary model now.", *outcome.announced]))
    else:
        messages.error(request, " ".join(result.message for result in outcome.refused))
    return redirect(f"{reverse('studio', args=[key])}?model={asked}")


def _model(initiative: Initiative, model: Any) -> MathModel | None:
    if not isinstance(model, int) or isinstance(model, bool) or not 0 <= model < 2**63:
        return None
    rows = MathModel.objects.filter(pk=model, initiative=initiative)
    return rows.select_related("target_kpi").first()


def _beside_the_draft(model: MathModel, actor: Actor, mine: str) -> str:
    """The lines of both; blank where the LLM has drafted nothing."""
    drafts = Drafts(model, actor, mine)
    return render_to_string("studio/_draft_lines.html", {"drafts": drafts}) if drafts.suggestion else ""


def _asked(request: HttpRequest) -> Any:
    if len(request.body) > LARGEST_ASKED:
        raise UnreadableError(f"This request is too large: at most {LARGEST_ASKED // 1024} kB are read.")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise UnreadableError("This request is not JSON.") from None
