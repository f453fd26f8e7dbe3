from django.urls import include, path

urlpatterns = [
    path("", include("portfolio.tabs.api_urls")),
]
