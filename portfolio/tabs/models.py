"""The history of every change, the revision of every tab, and the bases other apps' records build on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections, models
from django.db.models import F, Q

from portfolio.tabs.changes import Surface

_through_the_gate: ContextVar[bool] = ContextVar("through_the_gate", default=False)


class BypassesGateError(Exception):
    """A bulk write of values that people enter, outside ``apply_changes()``."""


@contextmanager
def gate_open() -> Iterator[None]:
    """Only the gate (and a migration of data) opens this."""
    token = _through_the_gate.set(True)
    try:
        yield
    finally:
        _through_the_gate.reset(token)


class GuardedQuerySet(models.QuerySet):
    """Refuses bulk writes of fields that people enter on a tab; computed fields are the backend's."""

    def _guard(self, fields: Iterable[str]) -> None:
        entered = set(fields) & entered_fields_of(self.model)
        if entered and not _through_the_gate.get():
            names = ", ".join(sorted(entered))
            raise BypassesGateError(f"{self.model.__name__}: {names} change only through apply_changes().")

    def update(self, **values: Any) -> int:
        self._guard(values)
        return super().update(**values)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        names = list(fields)
        self._guard(names)
        with gate_open():  # bulk_update itself calls update()
            return super().bulk_update(objs, names, batch_size)

    def bulk_set(self, objs: Iterable[Any], fields: Iterable[str]) -> None:
        """Write ``fields`` of many records by one prepared statement.

        ``bulk_update`` writes them as a CASE per field, which takes minutes for ten thousand rows on SQLite.
        """
        named = [self.model._meta.get_field(name) for name in fields]
        self._guard(field.name for field in named)
        columns = ", ".join(f"{self._quoted(field)} = %s" for field in named)
        pk = self.model._meta.pk
        sql = f"UPDATE {{}} SET {columns} WHERE {self._quoted(pk)} = %s"  # noqa: S608
        self._prepared(sql, objs, [*named, pk])

    def bulk_add(self, objs: Iterable[Any]) -> None:
        """Insert many records by one prepared statement, in half the time of ``bulk_create``.

        Their primary keys are not read back. A record that would break a unique constraint is left out.
        """
        rows = list(objs)
        self._guard(_filled(rows, entered_fields_of(self.model)))
        named = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        columns = ", ".join(self._quoted(field) for field in named)
        marks = ", ".join(["%s"] * len(named))
        sql = f"INSERT INTO {{}} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        self._prepared(sql, rows, named)

    def _quoted(self, field: Any) -> str:
        return connections[self.db].ops.quote_name(field.column)

    def _prepared(self, sql: str, objs: Iterable[Any], fields: list[Any]) -> None:
        connection = connections[self.db]
        table = connection.ops.quote_name(self.model._meta.db_table)
        values = [
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
            for row in objs
        ]
        if values:
            with connection.cursor() as cursor:
                cursor.executemany(sql.format(table), values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        self._guard(_filled(rows, entered_fields_of(self.model)))
        return super().bulk_create(rows, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._guard(field.name for field in self.model._meta.fields)
        return super().delete()


def entered_fields_of(model: type[models.Model]) -> frozenset[str]:
    from portfolio.tabs.registry import entered_fields  # which needs this module

    return entered_fields(model)


def _filled(rows: list[Any], names: Iterable[str]) -> list[str]:
    """Those of the fields in which any of ``rows`` says something else than the default."""
    if not rows:
        return []
    blank = type(rows[0])()
    attributes = {name: blank._meta.get_field(name).attname for name in names}
    return [
        name
        for name, attribute in attributes.items()
        if any(getattr(row, attribute) != getattr(blank, attribute) for row in rows)
    ]


class LiveManager(models.Manager.from_queryset(GuardedQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(deleted_at=None)


class Tracked(models.Model):
    """Who changed this record last, when, and from where."""

    updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_by = models.CharField(max_length=150, blank=True, editable=False)
    updated_source = models.CharField(max_length=10, choices=Surface.choices, blank=True, editable=False)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        abstract = True


class SoftDeleted(Tracked):
    """A record that is never lost: ``objects`` sees live rows, ``all_objects`` every row.

    Unique constraints carry ``condition=LIVE``.
    """

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    objects = LiveManager()  # type: ignore[misc]
    all_objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        abstract = True


LIVE = Q(deleted_at=None)


class TabRevision(models.Model):
    """A counter per tab, raised in the transaction of every write that shows on it."""

    tab = models.CharField(max_length=40, unique=True)
    revision = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.tab} at {self.revision}"

    @classmethod
    def current(cls, tab: str) -> int:
        return cls.objects.filter(tab=tab).values_list("revision", flat=True).first() or 0

    @classmethod
    def bump(cls, *tabs: str) -> None:
        """Say that rows of ``tabs`` changed. In a fixed order, so that two writers never deadlock."""
        for tab in sorted(set(tabs)):
            if not cls.objects.filter(tab=tab).update(revision=F("revision") + 1):
                cls.objects.get_or_create(tab=tab)
                cls.objects.filter(tab=tab).update(revision=F("revision") + 1)


class Batch(models.Model):
    """One paste, one form, one import of a tab: the unit of undo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    tab = models.CharField(max_length=40)
    revision = models.PositiveBigIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    who = models.CharField(max_length=150)
    surface = models.CharField(max_length=10, choices=Surface.choices)
    when = models.DateTimeField(auto_now_add=True)
    undoes = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")
    answer = models.JSONField(null=True, help_text="What a client's batch was answered, for its retry.")

    class Meta:
        indexes = [models.Index(fields=["tab", "revision"])]

    def __str__(self) -> str:
        return f"{self.tab} by {self.who}"


class CellChange(models.Model):
    """One value that changed (or one row that came or went), never rewritten."""

    class Kind(models.TextChoices):
        SET = "set"
        CREATE = "create"
        DELETE = "delete"
        RESTORE = "restore"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SET)
    tab = models.CharField(max_length=40)
    row = models.BigIntegerField()
    key = models.CharField(max_length=400, blank=True, help_text="The row's key when it changed.")
    column = models.CharField(max_length=80, blank=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    derived = models.BooleanField(default=False, help_text="Followed from another change of the batch.")

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["tab", "row"])]

    def __str__(self) -> str:
        return f"{self.tab} {self.key} {self.column or self.kind}"

    @classmethod
    def last_surface(cls, tab: str, row: int, column: str) -> str:
        """From where a cell's value came last; nothing where it never changed since its row was made."""
        changes = cls.objects.filter(tab=tab, row=row, column=column).order_by("-pk")
        return changes.values_list("batch__surface", flat=True).first() or ""
