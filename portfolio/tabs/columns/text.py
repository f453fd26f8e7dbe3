"""Columns of text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portfolio.tabs.cells import CellError
from portfolio.tabs.columns.base import Column

Text = Column


class LongText(Column):
    type_name = "longtext"
    width = 280

    def widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 4})


class Script(LongText):
    """A formula script: long text that is read line by line, in letters of one width."""

    type_name = "script"

    def widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})


class Email(Column):
    type_name = "email"
    width = 200

    def clean(self, cell: Any) -> Any:
        value = super().clean(cell)
        if value is not None:
            try:
                validate_email(value)
            except ValidationError:
                raise CellError(f"“{value}” is not an e-mail address, like ana@example.com.") from None
        return value
