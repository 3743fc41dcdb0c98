"""The pages of debugger; the API's are in `api.py` under /v1/."""

from debugger.urls import chat, replays

app_name = "debugger"
urlpatterns = [*chat.urlpatterns, *replays.urlpatterns]
