"""Workbooks in the browser: upload, look at what would change, import; and downloads."""

from __future__ import annotations

import io
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from portfolio.actions.models import ActionRun, Status
from portfolio.actions.runner import enqueue
from portfolio.sheets import uploads
from portfolio.sheets.actions import IMPORT, IMPORTERS
from portfolio.sheets.csv_export import csv_lines
from portfolio.sheets.exporting import UnknownRunError, export_workbook
from portfolio.sheets.opening import FileRefused
from portfolio.tabs import registry
from portfolio.tabs.actor import ADMIN, Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def for_editors(view: Any) -> Any:
    """Only for people who may edit something, which a Viewer may not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not Actor.of(request.user).has(*IMPORTERS):
            raise PermissionDenied("Files and sheets are for people who may edit tabs.")
        return view(request, *args, **kwargs)

    return guarded


def workbooks() -> list[tuple[str, str]]:
    """Names and titles of the workbooks that have tabs."""
    return [(name, title) for name, title in registry.WORKBOOKS.items() if registry.tabs(name)]


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Workbook",
        help_text="An .xlsx file. Sheets and columns are recognised by their names, in any order.",
        widget=forms.FileInput(attrs={"accept": f".xlsx,{XLSX}"}),
        error_messages={
            "required": "Choose a file first.",
            "empty": "This file is empty. Choose another one.",
        },
    )
    workbook = forms.ChoiceField(
        required=False,
        label="It is the workbook",
    )
    keep_keys = forms.BooleanField(
        required=False,
        label="Keep initiative keys",
        help_text="For a migration: new backlog rows keep the keys they have in the file.",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workbook"].choices = [("", "Find out from its headers"), *workbooks()]  # type: ignore[attr-defined]
        if not actor.has(ADMIN):
            del self.fields["keep_keys"]


@for_editors
def import_page(request: HttpRequest) -> HttpResponse:
    """``/import/``: choose a file; a POST keeps it and asks for its preview."""
    actor = Actor.of(request.user)
    form = UploadForm(actor, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("import", _preview(actor, form).action_id)
        except FileRefused as refused:
            form.add_error("file", str(refused))
    recent = ActionRun.objects.filter(action=IMPORT, status=Status.SUCCEEDED, options__preview=False)[:8]
    context = {"form": form, "recent": recent, "offered": workbooks()}
    return render(request, "sheets/import.html", context, status=422 if form.errors else 200)


def _preview(actor: Actor, form: UploadForm) -> ActionRun:
    file = form.cleaned_data["file"]
    options = {
        "upload": uploads.keep(file.chunks()),
        "name": file.name,
        "workbook": form.cleaned_data["workbook"],
        "keep_keys": form.cleaned_data.get("keep_keys", False),
    }
    return enqueue(actor, IMPORT, options={**options, "preview": True})


@for_editors
def import_run(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """``/import/{id}/``: the progress of a preview or an import, then its report. A POST imports for real."""
    run = get_object_or_404(ActionRun, action_id=action_id, action=IMPORT)
    if request.method == "POST":
        return _import_for_real(request, run)
    template = "sheets/_run.html" if request.htmx else "sheets/run.html"  # type: ignore[attr-defined]
    return render(request, template, {"run": run, "report": run.result.get("report"), **_totals(run)})


def _import_for_real(request: HttpRequest, preview: ActionRun) -> HttpResponse:
    options = preview.options | {"preview": False}
    try:
        uploads.path_of(options["upload"])
    except FileRefused as gone:
        messages.error(request, str(gone))
        return redirect("import-page")
    run = enqueue(Actor.of(request.user), IMPORT, options=options, idempotency_key=options["upload"])
    return redirect("import", run.action_id)


def _totals(run: ActionRun) -> dict[str, int]:
    tabs = run.result.get("report", {}).get("tabs", {}).values()
    counts = {name: sum(tab[name] for tab in tabs) for name in ("created", "changed", "unchanged", "failed")}
    return counts | {"conflicts": sum(len(tab.get("conflicts", ())) for tab in tabs)}


@for_editors
def export_xlsx(request: HttpRequest, workbook: str) -> HttpResponseBase:
    """``/export/{workbook}.xlsx``, with ``?run=`` of one run of the optimizer."""
    if workbook not in dict(workbooks()):
        raise Http404(f"There is no workbook {workbook}.")
    file = io.BytesIO()
    try:
        export_workbook(workbook, file, request.user.get_username(), request.GET.get("run", ""))
    except UnknownRunError as error:
        raise Http404(str(error)) from None
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_filename(workbook, "xlsx"), content_type=XLSX)


@for_editors
def export_csv(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """``/export/tab/{tab}.csv``."""
    try:
        tab = registry.tab(name)
    except registry.UnknownTabError as error:
        raise Http404(str(error)) from None
    response = StreamingHttpResponse(csv_lines(tab), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_filename(tab.name, "csv")}"'
    return response


def _filename(what: str, ending: str) -> str:
    return f"lodestar_{what}_{timezone.now():%Y-%m-%d}.{ending}"
