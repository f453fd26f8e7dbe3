"""The pages of the LLM: what it costs, what a run would take, and what it knows of the organisation."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portfolio.actions.registry import actions
from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from scoring.assistant.actions import MAY
from scoring.assistant.records import OrganisationContext, Suggestion, TokenDay
from scoring.assistant.settings_state import access, why_off

LONGEST_CONTEXT = 8_000
MOST_KEYS = 500  # of one run: several times the calls it may make, and fewer than a form may carry
SHOWN_ROWS, SHOWN_SUGGESTIONS, SHOWN_VERSIONS = 200, 30, 50


@dataclass(frozen=True)
class Asking:
    """One thing to ask for: task, action, the tab whose rows it is about, and what its button says."""

    task: str
    action: str
    tab: str
    verb: str

    @property
    def title(self) -> str:
        return actions[self.action].title


ASKINGS = {
    asking.task: asking
    for asking in (
        Asking("metric_chain", "pm.suggest_metric_chain_llm", "math_models", "Suggest chains"),
        Asking("math_model", "pm.suggest_math_model_llm", "math_models", "Suggest models"),
        Asking("evaluate", "pm.evaluate_math_model_llm", "math_models", "Judge formulas"),
        Asking("param_metadata", "pm.suggest_params_llm", "params", "Describe params"),
        Asking("summary", "pm.summarise_llm", "backlog", "Sum up"),
    )
}


def for_askers(view: Any) -> Any:
    """Only for people who may ask the LLM."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Actor.of(request.user).has(*MAY):
            raise PermissionDenied(f"The LLM is asked by {' and '.join(MAY)}.")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return guarded


@for_askers
def overview(request: HttpRequest) -> HttpResponse:
    """``/assistant/``: whether an LLM is configured, what it may cost, and what it said last."""
    context = {
        "off": why_off(),
        "llm_model": access().model,
        "askings": ASKINGS.values(),
        "day": TokenDay.today(),
        "limits": settings,
        "told": OrganisationContext.current(),
        "recent": Suggestion.objects.select_related("initiative", "math_model")[:SHOWN_SUGGESTIONS],
    }
    return render(request, "assistant/overview.html", context)


@for_askers
def ask(request: HttpRequest, task: str) -> HttpResponse:
    """``/assistant/ask/{task}/``: what a run would take; its button starts it. A POST brings ticked rows."""
    from scoring.assistant.estimating import estimate, why_skipped  # with the schemas, which load slowly
    from scoring.assistant.tasks.everything import TASKS

    if task not in ASKINGS:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    keys = given.getlist("key") or _labels(ASKINGS[task].tab, given.get("rows", ""))
    ticked, keys = len(keys), keys[:MOST_KEYS]
    regenerate = given.get("regenerate") == "on"
    found = TASKS[task].find(keys or None)
    reasons = why_skipped(TASKS[task], found.targets, regenerate)
    wanted = [target for target, reason in reasons if not reason]
    why_not = Counter(reason for _, reason in reasons if reason)
    why_not.update(message for _, message in found.others.values())
    context = {
        "asking": ASKINGS[task],
        "off": why_off(),
        "keys": keys,
        "left_out": ticked - len(keys),
        "regenerate": regenerate,
        "wanted": wanted[:SHOWN_ROWS],
        "more": max(len(wanted) - SHOWN_ROWS, 0),
        "why_not": why_not.most_common(),
        "estimate": estimate(TASKS[task], wanted, regenerate),
        "options": json.dumps({"regenerate": True} if regenerate else {}),
        "once": uuid.uuid4(),
    }
    return render(request, "assistant/ask.html", context)


def _labels(tab_name: str, rows: str) -> list[str]:
    """The keys of ticked rows, which come as their numbers: ``3,17``."""
    tab = registry.tab(tab_name)
    pks = [int(row) for row in rows.split(",") if row.isdecimal() and len(row) < 19]
    return [tab.label_of(row) for row in tab.queryset().filter(pk__in=pks)]


# The organisation ----------------------------------------------------------------------------------


class ContextForm(forms.Form):
    text = forms.CharField(
        required=False,
        max_length=LONGEST_CONTEXT,
        label="What the LLM should know",
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Market, business model, currency, seasons, how KPIs are measured, what never to assume.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


@for_askers
def context_page(request: HttpRequest) -> HttpResponse:
    """``/assistant/context/``: what every prompt is told about the organisation, and who wrote it when."""
    current = OrganisationContext.current()
    form = ContextForm(request.POST or None, initial=_as_form(request, current))
    if request.method == "POST" and form.is_valid():
        if (form.cleaned_data["seen"] or 0) == (current.pk if current else 0):
            return _saved(request, form.cleaned_data["text"], current)
        form.add_error(None, f"{current.who if current else 'Someone'} saved another text in the meantime.")
        form.data = {**form.data.dict(), "seen": str(current.pk if current else "")}  # type: ignore[attr-defined]
    context = {
        "form": form,
        "current": current,
        "versions": OrganisationContext.objects.all()[:SHOWN_VERSIONS],
    }
    return render(request, "assistant/context.html", context, status=422 if form.errors else 200)


def _as_form(request: HttpRequest, current: OrganisationContext | None) -> dict[str, Any]:
    """The current text, or an earlier one to look at and save again."""
    asked = request.GET.get("version", "")
    earlier = OrganisationContext.objects.filter(pk=asked).first() if asked.isdecimal() else None
    shown = earlier or current
    return {"text": shown.text if shown else "", "seen": current.pk if current else ""}


def _saved(request: HttpRequest, text: str, current: OrganisationContext | None) -> HttpResponse:
    if text != (current.text if current else ""):
        OrganisationContext.objects.create(text=text, who=Actor.of(request.user).name)
        messages.success(request, "Saved. The next prompt knows it.")
    return redirect("assistant-context")
