"""``/scoring/compare/``: how likely one initiative beats another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from scoring.beats.sides import side
from scoring.models import ScoringInputs

MOST_OFFERED = 500  # a longer list is typed into, not read


def beats(request: HttpRequest) -> HttpResponse:
    """``?a=INIT-000001&b=INIT-000002``; without both it asks for them. It draws from stored samples only."""
    a, b = side(request.GET.get("a", "")), side(request.GET.get("b", ""))
    context = {
        "a": a,
        "b": b,
        "missing": [one.missing for one in (a, b) if one.missing],
        "offered": _offered(),
    }
    if a.key and a.key == b.key:
        context["missing"] = [f"{a.key} against itself says nothing. Choose two initiatives."]
    elif a.key and b.key and not context["missing"]:
        from scoring.beats.comparison import Comparison  # numpy comes with it

        context["comparison"] = Comparison(a, b)
    return render(request, "beats/beats.html", context)


def _offered() -> list[tuple[str, str]]:
    """Keys and titles of those with a math score, the highest ranked first."""
    scored = ScoringInputs.objects.filter(initiative__deleted_at=None).exclude(math_value_score=None)
    rows = scored.order_by("math_rank", "initiative__initiative_key")
    return list(rows.values_list("initiative__initiative_key", "initiative__title")[:MOST_OFFERED])
