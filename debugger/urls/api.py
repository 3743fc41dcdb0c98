"""The /v1/ endpoints of debugger."""

from django.urls import path

from debugger.api import chat, replays

app_name = "debugger_api"
urlpatterns = [
    path("traces/<slug:ref>/replays", replays.start, name="replays"),
    path("replays/<uuid:replay_id>", replays.show, name="replay"),
    path("replays/<uuid:replay_id>/cancel", replays.cancel, name="replay_cancel"),
    path("traces/<slug:a>/diff/<slug:b>", replays.diff, name="diff"),
    path("traces/<slug:ref>/debugger/messages", chat.messages, name="messages"),
    path("debugger/actions/<uuid:call_id>", chat.decide_action, name="action"),
]
