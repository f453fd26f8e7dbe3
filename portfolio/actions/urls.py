from django.urls import path

from portfolio.actions import api, health, views

urlpatterns = [
    path("actions/", views.action_list, name="actions"),
    path("actions/<uuid:action_id>/", views.action_detail, name="action"),
    path("actions/<uuid:action_id>/cancel/", views.action_cancel, name="action-cancel"),
    path("api/v1/actions/", api.Actions.as_view(), name="api-actions"),
    path("api/v1/actions/<uuid:action_id>/", api.OneAction.as_view(), name="api-action"),
    path("api/v1/actions/<uuid:action_id>/cancel/", api.CancelAction.as_view(), name="api-action-cancel"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
