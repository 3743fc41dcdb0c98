"""The tables of the Debugger: chat and replays."""

from debugger.models.chat import ChatMessage, PendingAction
from debugger.models.replay import Replay, ReplayRun

__all__ = ["ChatMessage", "PendingAction", "Replay", "ReplayRun"]
