"""The chat's and the comparison's pages."""

from django.urls import path

from debugger.views import chat, diff

urlpatterns = [
    path("traces/<slug:ref>/debugger", chat.panel, name="panel"),
    path("traces/<slug:ref>/debugger/messages", chat.ask, name="ask"),
    path("debugger/actions/<uuid:call_id>", chat.action, name="action"),
    path("traces/<slug:a>/diff/<slug:b>", diff.show, name="diff"),
]
