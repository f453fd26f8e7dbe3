"""What asking the LLM about one model would take, or why there is nothing to ask: before it is asked."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portfolio.tabs.actor import Actor
from scoring.assistant import estimating
from scoring.models import MathModel
from scoring.studio.asked import initiative_or_404, model_or_404
from scoring.studio.drafts import LABELS, Ask, Drafts


def asking(request: HttpRequest, key: str, task: str) -> HttpResponse:
    """``/studio/{initiative_key}/ask/{task}/?model=``: the estimate, and the button that starts the run."""
    if task not in LABELS:
        raise Http404(f"The LLM can't be asked for {task} here.")
    model = model_or_404(initiative_or_404(key), request)
    ask = Drafts(model, Actor.of(request.user)).ask(task)
    context = {"ask": ask, "into": request.GET.get("into", "draft"), **_found(model, ask)}
    return render(request, "studio/_asking.html", context)


def _found(model: MathModel, ask: Ask) -> dict[str, object]:
    if ask.why_not:
        return {}
    from scoring.assistant.tasks.everything import TASKS  # their schemas take a while to load

    task = TASKS[ask.task]
    reasons = estimating.why_skipped(task, task.find([ask.key]).targets, ask.again)
    wanted = [target for target, reason in reasons if not reason]
    if not wanted:
        return {"why_nothing": " ".join(reason for _, reason in reasons)}
    return {"estimate": estimating.estimate(task, wanted, ask.again)}
