from django.urls import path

from portfolio.sheets import views
from portfolio.sheets.pages import conflicts, links, runs

urlpatterns = [
    path("import/", views.import_page, name="import-page"),
    path("import/<uuid:action_id>/", views.import_run, name="import"),
    path("export/<slug:workbook>.xlsx", views.export_xlsx, name="export-workbook"),
    path("export/tab/<slug:name>.csv", views.export_csv, name="export-tab"),
    path("sheets/", links.sheet_links, name="sheet-links"),
    path("sheets/<int:pk>/", links.sheet_link, name="sheet-link"),
    path("sheets/<int:pk>/sync/", links.sync, name="sheet-sync"),
    path("sheets/<int:pk>/preview/", links.preview, name="sheet-preview"),
    path("sheets/<int:pk>/confirm/", links.confirm, name="sheet-confirm"),
    path("sheets/tabs/<int:pk>/losses/", links.take_losses, name="linked-tab-losses"),
    path("sheets/tabs/<int:pk>/title/", links.take_title, name="linked-tab-title"),
    path("sheets/runs/<uuid:action_id>/", runs.sheet_run, name="sheet-run"),
    path("sheets/conflicts/", conflicts.inbox, name="sheet-conflicts"),
    path("sheets/conflicts/all/", conflicts.settle_all, name="sheet-conflicts-all"),
    path("sheets/conflicts/<int:pk>/", conflicts.settle, name="sheet-conflict"),
]
