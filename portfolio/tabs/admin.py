"""The Django admin as one more surface: forms from the declaration, saved through the gate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.http import HttpRequest

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import UNSET, Change, CreateRow, DeleteRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import CellChange
from portfolio.tabs.tab import Tab
from portfolio.tabs.wording import written


class ForAdmins:
    """Every right for Admins: whoever may enter the site may do what it offers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


class TabForm(forms.ModelForm):
    """The columns people enter on a tab. Cleaning asks the gate and takes its answers as errors."""

    tab: Tab
    actor: Actor

    class Meta:
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown: dict[str, Any] = {}
        for name in self.fields:
            column = self.tab.column(name)
            self.shown[name] = column.show(column.read(self.instance))
            self.initial.setdefault(name, written(column, self.shown[name]))
            self.fields[name].disabled = column.on_create and self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        with transaction.atomic():
            for result in self.through_the_gate().refused:
                self.add_error(result.column if result.column in self.fields else None, result.message)
            transaction.set_rollback(True)
        return self.cleaned_data

    def through_the_gate(self) -> Outcome:
        return apply_changes(self.tab, self.actor, Surface.ADMIN, self._changes(), row_atomic=True)

    def _changes(self) -> list[Change]:
        if self.instance.pk is None:
            return [CreateRow("new", dict(self.cleaned_data))]
        return [
            SetCell(self.instance.pk, name, self.cleaned_data.get(name), expected=self._seen(name))
            for name in self.changed_data
        ]

    def _seen(self, name: str) -> Any:
        return UNSET if name in self.errors else self.shown[name]

    def _post_clean(self) -> None:
        """The gate has checked already; the instance is not this form's to change."""


class TabAdmin(ForAdmins, admin.ModelAdmin):
    """Set ``tab_name``; everything else comes from the tab."""

    tab_name: str

    @property
    def tab(self) -> Tab:
        return registry.tab(self.tab_name)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return self.tab.queryset()

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [column.path for column in self.tab.columns if column.stored and "." not in column.path][:7]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [self.tab.column(name).lookup for name in self.tab.key]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        entered = [column for column in self.tab.columns if column.entered_here]
        namespace: dict[str, Any] = {column.name: column.form_field() for column in entered}
        namespace |= {"tab": self.tab, "actor": Actor.of(request.user)}
        namespace["Meta"] = type("Meta", (TabForm.Meta,), {"model": self.model})
        return type("TabForm", (TabForm,), namespace)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        outcome = form.through_the_gate()
        if outcome.created:
            obj.pk = outcome.created["new"]
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A tab's row has nothing beside it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.tab.can_create

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.tab.can_delete

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._delete(request, list(queryset))

    def _delete(self, request: HttpRequest, rows: list[Any]) -> None:
        changes = [DeleteRow(row.pk) for row in rows]
        for refused in apply_changes(self.tab, Actor.of(request.user), Surface.ADMIN, changes).refused:
            self.message_user(request, refused.message, messages.ERROR)


class People(ForAdmins, UserAdmin):
    """Users and their roles."""

    list_display = ("username", "email", "first_name", "last_name", "is_active", "role_names")
    list_filter = ("groups", "is_active")

    @admin.display(description="Roles")
    def role_names(self, user: User) -> str:
        return ", ".join(user.groups.values_list("name", flat=True))


class Roles(ForAdmins, GroupAdmin):
    """The roles; what each may do is written in the tabs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Changes(ForAdmins, admin.ModelAdmin):
    """The history, to read."""

    list_display = ("when", "who", "tab", "key", "column", "old", "new", "surface")
    list_filter = ("tab", "batch__surface")
    search_fields = ("key", "column", "batch__who")
    list_select_related = ("batch",)

    def when(self, change: CellChange) -> Any:
        return change.batch.when

    def who(self, change: CellChange) -> str:
        return change.batch.who

    def surface(self, change: CellChange) -> str:
        return change.batch.surface

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, People)
admin.site.register(Group, Roles)
admin.site.register(CellChange, Changes)
