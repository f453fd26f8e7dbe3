"""“Use this”: what the LLM suggested becomes the PM's own edit."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import Outcome
from scoring.assistant.records import Suggestion
from scoring.assistant.using import UnusableError, use
from scoring.studio.asked import initiative_or_404

USED = "Used. It is your edit now; approve the formula when you agree with it."


@require_POST
def use_suggestion(request: HttpRequest, key: str, suggestion: int) -> HttpResponse:
    """Copy the posted ``part``s of a suggestion about this initiative into the cells people enter."""
    found = Suggestion.objects.good().filter(pk=suggestion, initiative=initiative_or_404(key)).first()
    if found is None:
        raise Http404(f"{key} has no such suggestion.")
    try:
        outcome = use(found, Actor.of(request.user), request.POST.getlist("part"))
    except UnusableError as error:
        return _told(request, found, str(error), "error")
    refused = " ".join(dict.fromkeys(result.message for result in outcome.refused))
    return _told(request, found, refused or USED, "error" if refused else "ok", outcome)


def _told(
    request: HttpRequest, suggestion: Suggestion, text: str, kind: str, outcome: Outcome | None = None
) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(request, messages.ERROR if kind == "error" else messages.SUCCESS, text)
        model = f"?model={suggestion.math_model_id}" if suggestion.math_model_id else ""
        return redirect(reverse("studio", args=[suggestion.initiative.initiative_key]) + model)
    told: dict[str, object] = {"showToast": {"text": text, "kind": kind}}
    if outcome and outcome.touched:
        told["rowSaved"] = {"row": min(outcome.touched), "batch_id": str(outcome.batch_id)}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
