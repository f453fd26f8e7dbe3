from django.urls import path

from portfolio.sheets import views

urlpatterns = [
    path("import/", views.import_page, name="import-page"),
    path("import/<uuid:action_id>/", views.import_run, name="import"),
    path("export/<slug:workbook>.xlsx", views.export_xlsx, name="export-workbook"),
    path("export/tab/<slug:name>.csv", views.export_csv, name="export-tab"),
]
