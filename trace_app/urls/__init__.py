"""The pages of trace_app, in one namespace; the API's are in `api.py` under /v1/."""

from trace_app.urls import media, pages, teams
from trace_app.urls.reading import reading

app_name = "trace_app"
urlpatterns = [
    *pages.urlpatterns,
    *reading("traces/<slug:ref>"),
    *media.urlpatterns,
    *teams.urlpatterns,
]
