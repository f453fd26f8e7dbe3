"""Linking spreadsheets: paste an id, test the connection, make the workbook's sheets."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from portfolio.actions.registry import RefusedError
from portfolio.sheets import google
from portfolio.sheets.models import SheetLink
from portfolio.sheets.pages import asking
from portfolio.tabs.actor import Actor
from portfolio.tabs.admin import ForAdmins

IN_ADDRESS = re.compile(r"/d/([A-Za-z0-9_-]{20,100})")
WHERE = (
    "In the spreadsheet's address it is the long part between /d/ and /edit. Paste only that part, "
    "never the address."
)


class SpreadsheetId(forms.CharField):
    """The id alone. An address is refused, with the id that is in it."""

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if "/" in text or "." in text:
            found = IN_ADDRESS.search(text)
            paste = f"Paste only its id: {found[1]}" if found else WHERE
            raise ValidationError(f"This is an address, and Lodestar opens no addresses. {paste}")
        return super().clean(text)


class SheetLinkForm(forms.ModelForm):
    spreadsheet_id = SpreadsheetId(
        label="Spreadsheet id",
        max_length=100,
        help_text=WHERE,
        validators=SheetLink._meta.get_field("spreadsheet_id").validators,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = SheetLink
        fields = ("workbook", "spreadsheet_id", "name", "is_enabled")


@admin.register(SheetLink)
class SheetLinkAdmin(ForAdmins, admin.ModelAdmin):
    form = SheetLinkForm
    change_form_template = "admin/sheets/sheetlink/change_form.html"
    list_display = ("__str__", "title", "is_enabled", "synced", "problem")
    list_filter = ("workbook", "is_enabled")

    def get_urls(self) -> list[URLPattern]:
        buttons = [
            path("<int:pk>/test/", require_POST(self.test), name="sheets_sheetlink_test"),
            path("<int:pk>/make/", require_POST(self.make), name="sheets_sheetlink_make"),
        ]
        return [
            *(path(str(p.pattern), self.admin_site.admin_view(p.callback), name=p.name) for p in buttons),
            *super().get_urls(),
        ]

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        context = {"access": asking.access(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: SheetLink, form: Any, change: bool) -> None:
        obj.site = request.build_absolute_uri("/")
        if not change:
            obj.created_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: SheetLink, post_url_continue: Any = None
    ) -> HttpResponse:
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        said = "{} is linked. Test the connection, then <a href='{}'>preview its first sync</a>."
        self.message_user(request, format_html(said, str(obj), obj.get_absolute_url()), messages.SUCCESS)
        return HttpResponseRedirect(_page(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict, set, list]:
        """Only the links by name: what hangs on them is bookkeeping, thousands of lines of it."""
        return [str(link) for link in objs], {"sheet links": len(objs)}, set(), []

    # Buttons ---------------------------------------------------------------------------------------------

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whether Lodestar can open and change the spreadsheet."""
        link = get_object_or_404(SheetLink, pk=pk)
        trial = google.try_connection(link.spreadsheet_id)
        if trial.works:
            SheetLink.objects.filter(pk=pk).update(title=trial.title)
            self.message_user(request, f"The connection works: “{trial.title}”.", messages.SUCCESS)
        else:
            self.message_user(request, trial.problem, messages.ERROR)
        return HttpResponseRedirect(_page(link))

    def make(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the sheets that the spreadsheet has not got yet, and follow that job."""
        link = get_object_or_404(SheetLink, pk=pk)
        try:
            return redirect(asking.create_tabs(Actor.of(request.user), link))
        except RefusedError as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(_page(link))


def _page(link: SheetLink) -> str:
    return reverse("admin:sheets_sheetlink_change", args=[link.pk])
