from django.urls import path

from scoring.assistant import pages

urlpatterns = [
    path("assistant/", pages.overview, name="assistant"),
    path("assistant/ask/<str:task>/", pages.ask, name="assistant-ask"),
    path("assistant/context/", pages.context_page, name="assistant-context"),
]
