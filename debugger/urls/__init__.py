"""The pages of debugger; the API's are in `api.py` under /v1/."""

from debugger.urls import replays

app_name = "debugger"
urlpatterns = [*replays.urlpatterns]
