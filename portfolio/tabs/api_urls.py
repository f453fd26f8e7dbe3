from django.urls import path

from portfolio.tabs import api

urlpatterns = [
    path("api/v1/tabs/", api.TabList.as_view(), name="api-tabs"),
    path("api/v1/tabs/<slug:name>/", api.TabDocument.as_view(), name="api-tab"),
    path("api/v1/tabs/<slug:name>/changes/", api.TabChanges.as_view(), name="api-changes"),
    path("api/v1/tabs/<slug:name>/rows/", api.TabRows.as_view(), name="api-rows"),
    path("api/v1/tabs/<slug:name>/rows/<int:row>/", api.TabRow.as_view(), name="api-row"),
    path("api/v1/tabs/<slug:name>/rows/<int:row>/history/", api.RowHistory.as_view(), name="api-history"),
    path("api/v1/tabs/<slug:name>/undo/", api.TabUndo.as_view(), name="api-undo"),
]
