from django.urls import path

from optimization import decision_api

urlpatterns = [
    path("api/v1/runs/compare/", decision_api.CompareRuns.as_view(), name="api-compare"),
    path("api/v1/runs/<str:run_id>/decisions/", decision_api.DecisionsOfRun.as_view(), name="api-decisions"),
    path("api/v1/decisions/<str:decision_id>/", decision_api.OneDecision.as_view(), name="api-decision"),
]
