"""Which initiative and which model an address means."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from initiatives.models import Initiative
from portfolio.tabs import registry
from scoring.models import MathModel


def initiative_or_404(key: str) -> Initiative:
    found = Initiative.objects.filter(initiative_key=key).first()
    if found is None:
        raise Http404(f"There is no initiative {key}; it may have been deleted.")
    return found


def model_or_404(initiative: Initiative, request: HttpRequest) -> MathModel:
    """The model that ``?model=`` names, else the primary one."""
    rows = registry.tab("math_models").queryset().filter(initiative=initiative).order_by("-is_primary", "pk")
    if asked := request.GET.get("model", ""):
        rows = rows.filter(pk=int(asked)) if _is_id(asked) else rows.none()
    found = rows.first()
    if found is None:
        raise Http404(f"{initiative.initiative_key} has no such model; it may have been deleted.")
    return found


def number(text: str) -> int | None:
    """A whole number that somebody's page sent, or None."""
    return int(text) if _is_id(text) else None


def uuids(texts: list[str]) -> list[UUID]:
    """Those of the texts that can name a batch."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _is_id(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 19
