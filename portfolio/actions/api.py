"""Asking for actions and following them over HTTP."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portfolio.actions.models import LONGEST_KEY, ActionRow, ActionRun
from portfolio.actions.registry import RefusedError
from portfolio.actions.runner import enqueue
from portfolio.tabs.actor import Actor


class AskedSerializer(serializers.Serializer):
    action = serializers.CharField(help_text="For example pm.score_selected.")
    scope = serializers.JSONField(
        default=dict, help_text='{"type": "all"} or {"type": "keys", "keys": [...]}'
    )
    options = serializers.JSONField(default=dict, help_text="What the action needs besides its scope.")
    idempotency_key = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=LONGEST_KEY,
        help_text="While active, the same key gives the same run.",
    )


class StatusSerializer(serializers.ModelSerializer):
    class Meta:
        model = ActionRun
        fields = ("action_id", "status")


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = ActionRow
        fields = ("key", "status", "message")


class ProgressSerializer(serializers.Serializer):
    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total")
    text = serializers.CharField(source="progress_text")


class ActionRunSerializer(serializers.ModelSerializer):
    actor = serializers.CharField(source="actor_name")
    progress = ProgressSerializer(source="*")
    rows = RowSerializer(many=True)

    class Meta:
        model = ActionRun
        fields = (
            "action_id",
            "action",
            "title",
            "status",
            "actor",
            "scope",
            "options",
            "progress",
            "result",
            "error",
            "created",
            "started",
            "finished",
            "rows",
        )


PROBLEM = inline_serializer("Problem", {"detail": serializers.CharField()})


class Actions(APIView):
    @extend_schema(
        summary="Ask for an action",
        request=AskedSerializer,
        responses={202: StatusSerializer, 400: PROBLEM, 403: PROBLEM},
        examples=[
            OpenApiExample(
                "Score two initiatives",
                {
                    "action": "pm.score_selected",
                    "scope": {"type": "keys", "keys": ["INIT-000001", "INIT-000002"]},
                    "idempotency_key": "a key of yours, so that a double click is one run",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        asked = AskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        try:
            run = enqueue(Actor.of(request.user), wanted.pop("action"), **wanted)
        except RefusedError as problem:
            _bad_request(problem)
        return Response(StatusSerializer(run).data, status=202)


class OneAction(APIView):
    @extend_schema(summary="How far an action is", responses={200: ActionRunSerializer})
    def get(self, request: Request, action_id: str) -> Response:
        return Response(ActionRunSerializer(get_object_or_404(ActionRun, action_id=action_id)).data)


class CancelAction(APIView):
    @extend_schema(
        summary="Cancel an action",
        description="Takes effect at once: nothing more is committed. A finished run stays as it is.",
        request=None,
        responses={200: StatusSerializer, 403: PROBLEM},
    )
    def post(self, request: Request, action_id: str) -> Response:
        run = get_object_or_404(ActionRun, action_id=action_id)
        cancel(run, Actor.of(request.user))
        return Response(StatusSerializer(run).data)


def cancel(run: ActionRun, actor: Actor) -> None:
    """Cancels ``run`` if it is still active. Raises PermissionDenied for somebody else's."""
    if run.is_active and not run.may_be_cancelled_by(actor):
        raise PermissionDenied(f"Only {run.actor_name} or an Admin may cancel this.")
    run.cancel(actor.name)
    run.refresh_from_db()


def _bad_request(problem: RefusedError) -> NoReturn:
    raise ValidationError({"detail": str(problem)})
