"""What somebody just did on several tabs at once, told on the page they come back to, and undone there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portfolio.tabs.actor import Actor
from portfolio.tabs.models import Batch, CellChange
from portfolio.tabs.undo import CannotUndoError
from scoring.models import MathModel, Param
from scoring.readers import names_read
from scoring.studio.asked import uuids
from scoring.taking_back import batches_of, may_take_back, take_back


class Done:
    """Batches of math models and params that belong together, as one person sees them."""

    def __init__(self, batches: Sequence[Batch], actor: Actor) -> None:
        self.batches, self.actor = batches, actor

    @classmethod
    def of(cls, request: HttpRequest) -> Done | None:
        """What ``?done=`` names; None where that is nothing, or was undone."""
        batches = batches_of(uuids(request.GET.getlist("done")))
        undone = Batch.objects.filter(undoes__in=batches).exists()
        return None if undone or not batches else cls(batches, Actor.of(request.user))

    @property
    def may_undo(self) -> bool:
        return may_take_back(self.batches, self.actor)

    @cached_property
    def models(self) -> list[DoneModel]:
        """The models these batches made or changed."""
        rows = {change.row for change in self._changes if change.tab == "math_models"}
        found = MathModel.objects.filter(pk__in=rows).select_related("initiative").order_by("pk")
        made = {change.row for change in self._changes if change.tab == "params"}
        params = Param.objects.filter(initiative__in={model.initiative_id for model in found})
        return [DoneModel(model, params, made) for model in found]

    @cached_property
    def _changes(self) -> list[CellChange]:
        return list(CellChange.objects.filter(batch__in=self.batches))


class DoneModel:
    """A model, the params that came with it, and those its formula reads that were there already."""

    def __init__(self, model: MathModel, params: Sequence[Param], made: set[int]) -> None:
        self.model = model
        read = set(names_read(model.formula_text))
        theirs = [p for p in params if p.initiative_id == model.initiative_id and p.param_name in read]
        self.came = [param.param_name for param in theirs if param.pk in made]
        self.kept = [param.param_name for param in theirs if param.pk not in made]


def after(page: str, key: str, batches: Sequence[object], **asked: object) -> HttpResponse:
    """On to a page of the studio that tells what was done."""
    query = urlencode([*asked.items(), *(("done", batch) for batch in batches)])
    return redirect(f"{reverse(page, args=[key])}?{query}")


@require_POST
def undo_done(request: HttpRequest, key: str) -> HttpResponse:
    """Take all of it back, or say why not."""
    batches = batches_of(uuids(request.POST.getlist("batch")))
    try:
        if not batches:
            raise CannotUndoError("There is nothing to undo.")
        take_back(batches, Actor.of(request.user))
    except CannotUndoError as error:
        messages.error(request, f"Not undone. {error}")
    else:
        messages.success(request, "Undone.")
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if safe else reverse("studio", args=[key]))
