"""The pages of trace_app, in one namespace; the API's are in `api.py` under /v1/."""

from trace_app.urls import media, pages, teams

app_name = "trace_app"
urlpatterns = [*pages.urlpatterns, *media.urlpatterns, *teams.urlpatterns]
