"""The pages of a tab: its grid, the form and the history of a row, and the guide to its columns."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portfolio.tabs import registry, toolbar, wording
from portfolio.tabs.actor import Actor
from portfolio.tabs.api import history
from portfolio.tabs.changes import Outcome, Surface
from portfolio.tabs.memo import remembering
from portfolio.tabs.row_form import RowForm
from portfolio.tabs.tab import Tab


def tab_page(request: HttpRequest, name: str) -> HttpResponse:
    """``/tabs/{tab}/``: the grid, which fetches its rows from the API."""
    tab = _tab_or_404(name)
    buttons = toolbar.buttons_for(request, tab)
    context = {
        "tab": tab,
        "buttons": [button for button in buttons if not button.keys_from],
        "bulk_actions": toolbar.for_ticked_rows(buttons),
        "may_create": tab.may_create(Actor.of(request.user)),
    }
    return render(request, "tabs/grid.html", context)


def new_row(request: HttpRequest, name: str) -> HttpResponse:
    """The form of a row to be made."""
    tab = _tab_or_404(name)
    if not tab.may_create(Actor.of(request.user)):
        return _no_new_row(request, tab)
    return _row_form(request, tab, None)


def row(request: HttpRequest, name: str, row: int) -> HttpResponse:
    """The form of a row: what this person may enter, and what the row shows besides."""
    tab = _tab_or_404(name)
    return _row_form(request, tab, _row_or_404(tab, row))


def row_history(request: HttpRequest, name: str, row: int) -> HttpResponse:
    """Who changed what in a row, when, and from where."""
    tab = _tab_or_404(name)
    found = _row_or_404(tab, row)
    changes = [change | _in_words(tab, change) for change in history(tab, row)]
    context = {"tab": tab, "row": found, "title": tab.label_of(found), "changes": changes}
    context["row_links"] = toolbar.links_of(tab, found)
    return render(request, "tabs/history.html", context)


def column_guide(request: HttpRequest, name: str) -> HttpResponse:
    """What every column of the tab means and who enters it."""
    tab = _tab_or_404(name)
    with remembering():
        columns = [_guide_line(column) for column in tab.columns_for(Surface.GRID)]
    return render(request, "tabs/columns.html", {"tab": tab, "columns": columns})


def _row_form(request: HttpRequest, tab: Tab, found: Model | None) -> HttpResponse:
    with remembering():
        form = RowForm(tab, Actor.of(request.user), found, request.POST or None)
        if request.method == "POST" and (outcome := form.save()):
            return _saved(request, tab, outcome, found)
        context = {"tab": tab, "row": found, "row_form": form, "row_links": toolbar.links_of(tab, found)}
        return render(request, "tabs/row.html", context, status=_status(form))


def _status(form: RowForm) -> int:
    return 422 if form.problem or form.refusals else 200


def _saved(request: HttpRequest, tab: Tab, outcome: Outcome, found: Model | None) -> HttpResponse:
    pk = found.pk if found is not None else next(iter(outcome.created.values()))
    said = " ".join(["Created." if found is None else "Saved.", *outcome.announced])
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, said)
        return redirect("tab-row", tab.name, pk)
    told = {
        "drawerClose": {},
        "rowSaved": {"row": pk, "batch_id": str(outcome.batch_id)},
        "showToast": {"text": said},
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})


def _no_new_row(request: HttpRequest, tab: Tab) -> HttpResponse:
    reason = f"Your role may not create rows on {tab.title}." if tab.can_create else _made_elsewhere(tab)
    return render(request, "403.html", {"reason": reason}, status=403)


def _made_elsewhere(tab: Tab) -> str:
    return f"Rows of {tab.title} are not created here; they appear by themselves. {tab.help}"


def _in_words(tab: Tab, change: dict[str, Any]) -> dict[str, str]:
    at = wording.moment(change["when"])
    try:
        column = tab.column(change["column"])
    except KeyError:
        return {"label": change["column"], "at": at}
    old, new = (wording.readable(column, change[side]) for side in ("old", "new"))
    return {"label": column.label, "old": old, "new": new, "at": at}


def _guide_line(column: Any) -> dict[str, Any]:
    return {
        "column": column,
        "kind": wording.KINDS.get(column.type_name, column.type_name),
        "limits": wording.limits(column),
        "who": wording.who_enters(column),
        "choices": [label for _, label in column.choices() or ()] if column.type_name == "choice" else [],
    }


def _tab_or_404(name: str) -> Tab:
    try:
        return registry.tab(name)
    except registry.UnknownTabError as error:
        raise Http404(str(error)) from None


def _row_or_404(tab: Tab, pk: int) -> Model:
    found = tab.queryset().filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no such row on {tab.title}; it may have been deleted.")
    return found
