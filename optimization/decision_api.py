"""Decisions and comparisons over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from optimization.comparison import ComparisonError, compared, runs_named
from optimization.models import Decision, Run

REFUSED = inline_serializer("Refused", {"detail": serializers.CharField()})


class DecisionLineSerializer(serializers.ModelSerializer):
    """One decision in a list."""

    run_id = serializers.CharField(
        source="run.run_id", default=None, help_text="The run it starts from, if there is one."
    )
    run_ids = serializers.SerializerMethodField(help_text="The runs it stored, or compares.")
    action_id = serializers.UUIDField(source="action.action_id", allow_null=True, default=None)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Decision
        fields: tuple[str, ...] = (
            "decision_id",
            "kind",
            "run_id",
            "run_ids",
            "complete",
            "asked_by",
            "started",
            "finished",
            "action_id",
            "url",
        )

    def get_run_ids(self, decision: Decision) -> list[str]:
        return [str(run) for run in sorted(decision.runs.all(), key=lambda run: run.pk)]


class DecisionSerializer(DecisionLineSerializer):
    """What a decision tool was asked and what it answered."""

    options = serializers.DictField(help_text="What was asked.")
    answer = serializers.DictField(help_text="What the tool answered; its fields depend on the kind.")

    class Meta(DecisionLineSerializer.Meta):
        fields = (*DecisionLineSerializer.Meta.fields, "options", "answer")


def decisions() -> Any:
    light = Run.objects.only("pk", "run_id")
    return Decision.objects.select_related("action").prefetch_related(
        Prefetch("run", light), Prefetch("runs", light)
    )


class OneDecision(APIView):
    @extend_schema(summary="A decision: what was asked and what was answered", responses=DecisionSerializer)
    def get(self, request: Request, decision_id: str) -> Response:
        return Response(DecisionSerializer(get_object_or_404(decisions(), decision_id=decision_id)).data)


class DecisionsOfRun(APIView):
    @extend_schema(
        summary="The decisions that start from a run, newest first",
        responses=DecisionLineSerializer(many=True),
    )
    def get(self, request: Request, run_id: str) -> Response:
        run = get_object_or_404(Run.objects.only("pk"), run_id=run_id)
        return Response(DecisionLineSerializer(decisions().filter(run=run).defer("answer"), many=True).data)


class CompareRuns(APIView):
    @extend_schema(
        summary="Portfolios side by side",
        description="Who is in which, how much they overlap, KPIs, targets, and what changed from each to "
        "the next. Lists are in the order of the runs.",
        parameters=[OpenApiParameter("runs", str, required=True, description="RUN-000001,RUN-000002")],
        responses={
            200: inline_serializer(
                "Comparison",
                {
                    "portfolios": serializers.ListField(child=serializers.DictField()),
                    "matrix": serializers.ListField(child=serializers.DictField()),
                    "overlap": serializers.ListField(
                        child=serializers.ListField(child=serializers.FloatField())
                    ),
                    "kpis": serializers.ListField(child=serializers.CharField()),
                    "targets": serializers.ListField(child=serializers.DictField()),
                    "is_same_objective": serializers.BooleanField(),
                    "in_all": serializers.ListField(child=serializers.CharField()),
                    "steps": serializers.ListField(child=serializers.DictField()),
                },
            ),
            400: REFUSED,
        },
    )
    def get(self, request: Request) -> Response:
        try:
            return Response(compared(runs_named(request.query_params.get("runs", "").split(","))))
        except ComparisonError as error:
            raise ValidationError({"detail": str(error)}) from None
