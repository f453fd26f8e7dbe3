from django.urls import path

from optimization import api, compare_views, views
from optimization.decision_pages import views as decisions

urlpatterns = [
    path("runs/", views.run_list, name="runs"),
    path("runs/new/", views.run_new, name="run-new"),
    path("runs/compare/", compare_views.compare_runs, name="run-compare"),
    path("runs/of/<uuid:action_id>/", views.run_of_action, name="run-of-action"),
    path("runs/<str:run_id>/", views.run_detail, name="run"),
    path("runs/<str:run_id>/ask/<str:kind>/", decisions.ask, name="decision-ask"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/of/<uuid:action_id>/", decisions.of_action, name="decision-of-action"),
    path("decisions/<str:decision_id>/", decisions.decision_detail, name="decision"),
    path("api/v1/runs/<str:run_id>/", api.OneRun.as_view(), name="api-run"),
]
