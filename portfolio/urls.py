from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    path("", include("portfolio.tabs.urls")),
    path("", include("portfolio.actions.urls")),
    path("", include("portfolio.sheets.urls")),
    path("", include("metrics.urls")),
    path("", include("scoring.urls")),
    path("", include("optimization.api_urls")),  # before a run called "compare"
    path("", include("optimization.urls")),
    path("", include("home.urls")),
]
