"""The tabs over HTTP: read a tab, post changes, undo. Every write goes through the gate."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portfolio.tabs import payload, registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import UNSET, Change, CreateRow, DeleteRow, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import Batch, CellChange
from portfolio.tabs.tab import Tab
from portfolio.tabs.turns import writers_turn
from portfolio.tabs.undo import CannotUndoError, undo

MOST_CHANGES = 20_000
LARGEST_ID = 2**63 - 1


class ChangeIn(serializers.Serializer):
    """A cell to set, a row to create, or a row to delete. ``value`` is raw, as typed."""

    row = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_ID)
    column = serializers.CharField(required=False)
    value = serializers.JSONField(required=False, allow_null=True)
    expected = serializers.JSONField(required=False, allow_null=True)
    create = serializers.CharField(required=False)  # type: ignore[assignment]
    values = serializers.DictField(required=False)
    delete = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_ID)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        sets = "row" in data and "column" in data and "value" in data
        if sets + ("create" in data) + ("delete" in data) != 1:
            raise serializers.ValidationError("Give row, column and value; or create and values; or delete.")
        return data

    @staticmethod
    def as_change(data: dict[str, Any]) -> Change:
        if "create" in data:
            return CreateRow(data["create"], data.get("values", {}))
        if "delete" in data:
            return DeleteRow(data["delete"])
        return SetCell(data["row"], data["column"], data["value"], data.get("expected", UNSET))


class BatchIn(serializers.Serializer):
    batch_id = serializers.UUIDField(required=False)
    schema_hash = serializers.CharField(required=False)
    changes = serializers.ListField(child=ChangeIn(), max_length=MOST_CHANGES)


class UndoIn(serializers.Serializer):
    batch_id = serializers.UUIDField()


class RowIn(serializers.Serializer):
    values = serializers.DictField()


class _TabView(APIView):
    """A view of one tab; an unknown name answers 404 with the names there are."""

    def tab_or_404(self, name: str) -> Tab:
        from django.http import Http404

        try:
            return registry.tab(name)
        except registry.UnknownTabError as error:
            raise Http404(str(error)) from None

    def answer(self, tab: Tab, outcome: Outcome, status_code: int = 200) -> Response:
        return Response(outcome_json(tab, outcome), status=status_code)


class TabList(APIView):
    @extend_schema(responses=serializers.ListSerializer(child=serializers.DictField()))
    def get(self, request: Request) -> Response:
        """Every tab with its workbook and address."""
        return Response(
            [
                {"tab": tab.name, "title": tab.title, "workbook": tab.workbook, "help": tab.help}
                for tab in registry.tabs()
            ]
        )


class TabDocument(_TabView):
    @extend_schema(
        parameters=[
            OpenApiParameter("since", int, description="A revision: answer only what changed after it."),
            OpenApiParameter("q", str, description="Text to search in every cell."),
        ],
        responses=serializers.DictField(),
    )
    def get(self, request: Request, name: str) -> Response:
        """Schema, schema hash, revision, rows as arrays, notes. Other parameters filter by column."""
        tab, asked = self.tab_or_404(name), request.query_params.dict()
        since = asked.pop("since", "")
        try:
            document = payload.document(
                tab,
                Actor.of(request.user),
                since=int(since) if since.isdecimal() and len(since) < 19 else None,
                filters=asked,
            )
        except payload.UnknownFilterError as error:
            return Response({"detail": str(error)}, status=status.HTTP_400_BAD_REQUEST)
        return Response(document)


class TabChanges(_TabView):
    @extend_schema(request=BatchIn, responses=serializers.DictField())
    def post(self, request: Request, name: str) -> Response:
        """Set cells, create and delete rows, as one batch: ok, invalid or conflict per cell."""
        tab = self.tab_or_404(name)
        asked = BatchIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        if given.get("schema_hash", payload.schema_hash(tab)) != payload.schema_hash(tab):
            return _conflict("The columns of this tab have changed. Reload it.", "schema_changed")
        changes = [ChangeIn.as_change(change) for change in given["changes"]]
        return self.apply(request, tab, changes, given.get("batch_id"))

    def apply(
        self, request: Request, tab: Tab, changes: list[Change], batch_id: uuid.UUID | None, **options: Any
    ) -> Response:
        actor = Actor.of(request.user)
        with writers_turn():
            known = batch_id and Batch.objects.filter(pk=batch_id).first()
            if known:
                return _answered_before(known, actor)
            outcome = apply_changes(tab, actor, surface_of(request), changes, batch_id=batch_id, **options)
            answer = outcome_json(tab, outcome)
            Batch.objects.filter(pk=outcome.batch_id).update(answer=answer if batch_id else None)
        return Response(answer)


class TabRows(TabChanges):
    @extend_schema(request=RowIn, responses=serializers.DictField())
    def post(self, request: Request, name: str) -> Response:
        """Create one row."""
        tab = self.tab_or_404(name)
        asked = RowIn(data=request.data)
        asked.is_valid(raise_exception=True)
        response = self.apply(request, tab, [CreateRow("new", asked.validated_data["values"])], None)
        response.status_code = 201 if response.data["created"] else 400
        return response


class TabRow(TabChanges):
    http_method_names = ["get", "delete", "options"]

    @extend_schema(responses=serializers.DictField())
    def get(self, request: Request, name: str, row: int) -> Response:
        """One row, by column name."""
        tab = self.tab_or_404(name)
        found = payload.rows(tab, [row])
        if not found:
            return Response({"detail": f"There is no such row on {tab.title}."}, status=404)
        names = [column.name for column in tab.columns_for(Surface.API)]
        return Response({"row": row, "values": dict(zip(names, found[0][1:], strict=True))})

    @extend_schema(responses=serializers.DictField())
    def delete(self, request: Request, name: str, row: int) -> Response:
        """Delete one row. It can be undone."""
        return self.apply(request, self.tab_or_404(name), [DeleteRow(row)], None)


class TabUndo(_TabView):
    @extend_schema(request=UndoIn, responses=serializers.DictField())
    def post(self, request: Request, name: str) -> Response:
        """Take a batch back, cell by cell; undoing an undo is redo."""
        tab = self.tab_or_404(name)
        asked = UndoIn(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            outcome = undo(tab, Actor.of(request.user), surface_of(request), asked.validated_data["batch_id"])
        except CannotUndoError as error:
            return _conflict(str(error), "cannot_undo")
        return self.answer(tab, outcome)


class RowHistory(_TabView):
    @extend_schema(responses=serializers.DictField())
    def get(self, request: Request, name: str, row: int) -> Response:
        """Who changed what in this row, when, and from where; newest first."""
        return Response({"changes": history(self.tab_or_404(name), row)})


def history(tab: Tab, row: int) -> list[dict[str, Any]]:
    found = CellChange.objects.filter(tab=tab.name, row=row).select_related("batch").order_by("-pk")[:500]
    return [
        {
            "when": change.batch.when.isoformat(timespec="seconds"),
            "who": change.batch.who,
            "surface": change.batch.surface,
            "kind": change.kind,
            "column": change.column,
            "old": change.old,
            "new": change.new,
            "batch_id": str(change.batch_id),
        }
        for change in found
    ]


def outcome_json(tab: Tab, outcome: Outcome) -> dict[str, Any]:
    """The answer to a batch: results per cell, and the touched rows as they are now."""
    return {
        "batch_id": str(outcome.batch_id),
        "revision": outcome.revision,
        "results": [result.as_json() for result in outcome.results],
        "created": outcome.created,
        "rows": payload.rows(tab, outcome.touched) if outcome.touched else [],
        "removed": sorted(outcome.removed),
        "announced": outcome.announced,
        "notes": payload.notes(tab, sorted(outcome.touched)) if outcome.touched else {},
    }


def surface_of(request: Request) -> str:
    """The grid says who it is; everyone else is an API client."""
    return Surface.GRID if request.headers.get("X-Surface") == "grid" else Surface.API


def _answered_before(batch: Batch, actor: Actor) -> Response:
    if batch.who != actor.name or batch.answer is None:
        return _conflict("This batch_id was used before. Give every batch a new one.", "batch_id_used")
    return Response(batch.answer)


def _conflict(detail: str, code: str) -> Response:
    return Response({"detail": detail, "code": code}, status=status.HTTP_409_CONFLICT)
