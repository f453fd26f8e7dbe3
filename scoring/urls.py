from django.urls import include, path

from scoring.beats import views as beats
from scoring.studio import asking_page, copy_page, done, drafts_page, history_page, library_page
from scoring.studio import views as studio

urlpatterns = [
    path("", include("scoring.assistant.urls")),
    path("scoring/compare/", beats.beats, name="beats"),
    path("studio/", studio.studio_list, name="studios"),
    path("studio/<str:key>/", studio.studio, name="studio"),
    path("studio/<str:key>/try/", studio.try_formula, name="studio-try"),
    path("studio/<str:key>/rows/", studio.studio_rows, name="studio-rows"),
    path("studio/<str:key>/models/", studio.new_model, name="studio-new-model"),
    path("studio/<str:key>/primary/", studio.make_primary, name="studio-primary"),
    path("studio/<str:key>/ask/<str:task>/", asking_page.asking, name="studio-ask"),
    path("studio/<str:key>/use/<int:suggestion>/", drafts_page.use_suggestion, name="studio-use"),
    path("studio/<str:key>/history/", history_page.history, name="studio-history"),
    path("studio/<str:key>/undo/", done.undo_done, name="studio-undo"),
    path("studio/<str:key>/copy/", copy_page.copy_model, name="studio-copy"),
    path("studio/<str:key>/library/", library_page.library_page, name="studio-library"),
]
