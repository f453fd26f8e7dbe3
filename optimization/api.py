"""A run over HTTP."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from optimization.models import Run


class RunSerializer(serializers.ModelSerializer):
    """The stored facts of a run; the answer's own fields (``manage.py solve``) stand beside them."""

    scenario = serializers.CharField(source="scenario.scenario_name")
    constraint_set = serializers.CharField(source="constraint_set_name")
    action_id = serializers.UUIDField(source="action.action_id", allow_null=True, default=None)
    url = serializers.CharField(source="get_absolute_url")
    problem = serializers.DictField(allow_null=True, help_text="What was asked, as a problem file.")
    selected = serializers.ListField(child=serializers.CharField(), source="answer.selected", default=list)

    class Meta:
        model = Run
        fields = (
            "run_id",
            "scenario",
            "constraint_set",
            "candidate_choice",
            "objective_mode",
            "status",
            "objective_value",
            "best_bound",
            "gap",
            "selected",
            "inputs_hash",
            "portfolio_hash",
            "asked_by",
            "started",
            "finished",
            "action_id",
            "url",
            "errors",
            "problem",
        )


class OneRun(APIView):
    @extend_schema(summary="A run: what was asked and what was answered", responses=RunSerializer)
    def get(self, request: Request, run_id: str) -> Response:
        run = get_object_or_404(Run.objects.select_related("scenario", "action"), run_id=run_id)
        return Response({**RunSerializer(run).data, **run.document()})
