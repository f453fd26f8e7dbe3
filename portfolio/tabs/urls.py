from django.urls import include, path

from portfolio.tabs import views

urlpatterns = [
    path("", include("portfolio.tabs.api_urls")),
    path("tabs/<slug:name>/", views.tab_page, name="tab"),
    path("tabs/<slug:name>/columns/", views.column_guide, name="tab-columns"),
    path("tabs/<slug:name>/rows/new/", views.new_row, name="tab-new-row"),
    path("tabs/<slug:name>/rows/<int:row>/", views.row, name="tab-row"),
    path("tabs/<slug:name>/rows/<int:row>/history/", views.row_history, name="tab-row-history"),
]
