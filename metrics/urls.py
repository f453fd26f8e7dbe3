from django.urls import path

from metrics import tree_views

urlpatterns = [
    path("kpis/", tree_views.kpi_tree, name="kpi-tree"),
    path("kpis/declare/", tree_views.declare_names, name="kpi-declare"),
    path("kpis/undo/", tree_views.take_back, name="kpi-undo"),
]
