"""Pages of Layer 2: the replay form, a replay, and the Patch tab of a trace."""

from django.urls import path

from debugger.views import patch, replays

urlpatterns = [
    path("traces/<str:ref>/replay", replays.start, name="replay_modal"),
    path("traces/<str:ref>/patch", patch.panel, name="patch"),
    path("replays/<uuid:replay_id>", replays.show, name="replay"),
    path("replays/<uuid:replay_id>/cancel", replays.cancel, name="replay_cancel"),
]
